"""One run of a machine: its clock, its calls, the states it enters, and what ends it. It must not know how moto runs one."""

import copy
import datetime

from machine_jsonata import Chance, Clock
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

REGION = "eu-west-1"
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:machine"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:machine:execution-1"
LONGEST = 100_000

QUERY = "States.QueryEvaluationError"
RUNTIME = "States.Runtime"
TIMEOUT = "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"
TIMEOUTS = (TIMEOUT, HEARTBEAT)
THRESHOLD = "States.ExceedToleratedFailureThreshold"
# What no catcher and no retrier sees, whatever it names.
UNCATCHABLE = {RUNTIME, "States.DataLimitExceeded"}


class OutOfTime(BaseException):
    """The machine's own time is over. No state handles it."""


class Unforeseen(BaseException):
    """The case does not say what the machine needs, or the machine does what no machine may. No state handles it."""


class Execution:
    """One run: what happens in it, in order. `answer` gives the result of a call."""

    current = None

    def __init__(self, definition, given, answer, items):
        self.definition = definition
        self.given = given
        self.answer = answer
        self.items = items
        self.clock = Clock()
        self.chance = Chance()
        self.deadline = definition.get("TimeoutSeconds")
        self.path = []
        self.calls = []
        self.waits = []
        self.tokens = 0
        self.children = 0
        self.maps = {}

    def advance(self, seconds):
        self.clock.seconds += seconds
        if self.deadline is not None and self.clock.seconds > self.deadline:
            self.clock.seconds = self.deadline
            raise OutOfTime

    def now(self):
        moment = datetime.datetime.fromtimestamp(self.clock.milliseconds() / 1000, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"

    def enter(self, name):
        self.path.append((self.clock.seconds, name))
        if len(self.path) > LONGEST:
            raise Unforeseen(f"more than {LONGEST} states are entered")

    def call(self, name, resource, arguments, timeout, heartbeat, token):
        """The result of a task, at the time it is there."""
        self.calls.append((self.clock.seconds, name, resource, copy.deepcopy(arguments)))
        answer = self.answer(name, arguments, token)
        takes = answer.get("takes", 0)
        silent = answer.get("silent", 0)
        if heartbeat is not None and silent > heartbeat and (timeout is None or heartbeat <= timeout):
            self.advance(heartbeat)
            raise failure(HEARTBEAT, f"no heartbeat in {heartbeat} seconds")
        if timeout is not None and takes > timeout:
            self.advance(timeout)
            raise failure(TIMEOUT, f"longer than {timeout} seconds")
        self.advance(takes)
        if "error" in answer:
            raise failure(answer["error"], answer.get("cause", ""))
        return copy.deepcopy(answer.get("return", {}))


def failure(error, cause, env=None):
    """An error of a state, as moto carries one."""
    return FailureEventException(
        FailureEvent(
            env=env or Ghost(),
            error_name=ErrorName(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=TaskFailedEventDetails(error=error, cause=cause)),
        )
    )


class Ghost:
    """Stands for an environment where an error only asks for the number of an event."""

    next_state_name = ""

    class event_history_context:  # noqa: N801
        source_event_id = 0


class Together:
    """Things that begin at one time: each runs on its own clock, and what the first failure cuts off did not happen."""

    def __init__(self, slots=None):
        self.execution = Execution.current
        self.start = self.execution.clock.seconds
        self.marks = (len(self.execution.path), len(self.execution.calls))
        self.failures = []
        self.leaving = []
        self.ends = []
        self.slots = [self.start] * slots if slots else None

    def run(self, one):
        """Runs one thing to its end or failure; whether it went well, and its output."""
        slot = min(range(len(self.slots)), key=self.slots.__getitem__) if self.slots else None
        self.execution.clock.seconds = self.slots[slot] if self.slots else self.start
        output = None
        try:
            output = one()
        except (OutOfTime, Unforeseen) as leaving:
            self.leaving.append((self.execution.clock.seconds, leaving))
        end = self.execution.clock.seconds
        if self.slots:
            self.slots[slot] = end
        if isinstance(output, FailureEventException):
            self.failures.append((end, len(self.failures), output))
        self.ends.append(end)
        return output

    def finish(self):
        """The clock at the end of all, or at the first failure, which is raised."""
        first_failure = min((entry[0] for entry in self.failures), default=float("inf"))
        for moment, leaving in self.leaving:
            if moment <= first_failure:
                raise leaving
        if not self.failures:
            self.execution.clock.seconds = max(self.ends, default=self.start)
            return
        end, _, first = min(self.failures, key=lambda entry: entry[:2])
        for record, mark in zip((self.execution.path, self.execution.calls), self.marks):
            record[mark:] = [entry for entry in record[mark:] if entry[0] <= end]
        self.execution.clock.seconds = end
        raise first
