"""The interpreter of state machines: moto's, made to run a machine of either query language without AWS and without time.

What moto leaves out or does otherwise than AWS describes is put right here, each with its reason. Everything runs in one
thread and on a clock of its own, so that a run is the same each time. It must not know cases or what is expected.
"""

import copy
import datetime
import json
import logging

from machine_execution import (
    ACCOUNT,
    EXECUTION,
    MACHINE,
    QUERY,
    REGION,
    ROLE,
    RUNTIME,
    THRESHOLD,
    TIMEOUTS,
    UNCATCHABLE,
    Execution,
    OutOfTime,
    Together,
    Unforeseen,
    failure,
)
from machine_jsonata import Fault, evaluate, template
from moto.stepfunctions.parser.api import ExecutionFailedEventDetails, StateMachineType
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.catch.catcher_decl import CatcherDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry import jitter_strategy_decl, retrier_decl
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringIntrinsicFunction,
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ActivityResource,
    LambdaResource,
    ServiceResource,
)
from moto.stepfunctions.parser.asl.component.state.fail import state_fail
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import timestamp as timestamp_module
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.eval.states import ContextObjectData, ExecutionData, StateMachineData, States
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError, extract_json

logging.getLogger("moto").setLevel(logging.CRITICAL)


def execute(execution):
    """Runs to the end; the status, and output or error and cause."""
    Execution.current = execution
    try:
        program = AmazonStateLanguageParser.parse(json.dumps(prepared(execution.definition, execution.maps)))[0]
    except Exception as fault:
        raise Unforeseen(f"moto does not read the machine: {fault}") from fault
    environment = Environment(
        aws_execution_details=AWSExecutionDetails(account=ACCOUNT, region=REGION, role_arn=ROLE),
        execution_type=StateMachineType.STANDARD,
        context=ContextObjectData(
            Execution=ExecutionData(
                Id=EXECUTION, Input=execution.given, Name="execution-1", RoleArn=ROLE, StartTime=execution.now(),
                RedriveCount=0,
            ),
            StateMachine=StateMachineData(Id=MACHINE, Name="machine"),
        ),
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    try:
        program.eval(environment)
    except OutOfTime:
        return {"status": "TIMED_OUT"}
    except Exception as fault:
        raise Unforeseen(f"`{environment.next_state_name}`: {type(fault).__name__}: {fault}") from fault
    state = environment.program_state()
    if isinstance(state, ProgramEnded):
        return {"status": "SUCCEEDED", "output": environment.states.get_input()}
    if isinstance(state, ProgramError):
        details = state.error or {}
        return {"status": "FAILED", "error": details.get("error"), "cause": details.get("cause")}
    raise Unforeseen(f"the execution ends as {type(state).__name__}")


# Fields of a distributed map: moto reads some of them only, and some only as its grammar has them.
DISTRIBUTED = (
    "ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailureCount", "ToleratedFailureCountPath",
    "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
)


def prepared(definition, maps):
    """The definition without what moto cannot read; that goes into `maps`, by state."""

    def visit(value):
        if isinstance(value, list):
            return [visit(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        states = value.get("States")
        if not (isinstance(states, dict) and "StartAt" in value):
            return {key: visit(inner) for key, inner in value.items()}
        found = {}
        for name, state in states.items():
            if isinstance(state, dict) and state.get("Type") == "Map":
                parts = maps[name] = {part: state[part] for part in DISTRIBUTED if part in state}
                state = {key: inner for key, inner in state.items() if key not in parts}
            found[name] = visit(state)
        return {**{key: visit(inner) for key, inner in value.items() if key != "States"}, "States": found}

    return visit(definition)


# JSONata


def readable(env):
    """What an expression may read: variables that are assigned, and those parts of `$states` that there are."""
    store = env.variable_store
    states = {key: value for key, value in env.states._states_data.items() if value is not ABSENT}
    return {**store._outer_scope, **store._inner_scope, "states": states}


def value_of(env, expression):
    try:
        return evaluate(expression, readable(env), Execution.current.clock, Execution.current.chance)
    except Fault as fault:
        raise failure(QUERY, str(fault), env) from fault


def evaluate_expression(self, env):
    env.stack.append(value_of(env, self.expression))


def condition(self, env):
    self.string_jsonata.eval(env=env)
    if not isinstance(env.stack[-1], bool):
        raise failure(QUERY, f"the condition `{self.string_jsonata.expression}` gives {env.stack[-1]!r}", env)


class Absent:
    """A part of `$states` that is not there in this field."""

    def __deepcopy__(self, memory):
        return self


ABSENT = Absent()


def reset(self, input_value):
    self._states_data["input"] = copy.deepcopy(input_value)
    self._states_data["result"] = ABSENT
    self._states_data["errorOutput"] = ABSENT


# Variables: all fields of a state read what was assigned before it, so an assignment holds from the next state on.


def assign(self, env):
    values = {}
    for binding in self.declaration_bindings:
        binding.eval(env=env)
        values.update(env.stack.pop())
    store = env.variable_store
    for name, value in values.items():
        if name in store._outer_scope:
            raise Unforeseen(f"`{env.next_state_name}` assigns `{name}`, which belongs to an outer scope")
        pending(store)[name] = value


def pending(store):
    if not hasattr(store, "_pending"):
        store._pending = {}
    return store._pending


def state_body(self, env):
    execution = Execution.current
    execution.enter(self.name)
    env.states._states_data["result"] = ABSENT
    env.states._states_data["errorOutput"] = ABSENT
    real_state_body(self, env)
    store = env.variable_store
    for name, value in pending(store).items():
        store.set(name, value)
    pending(store).clear()


def entered_time(self, env):
    """The time of the context object is the machine's."""
    env.states.context_object.context_object_data["State"]["EnteredTime"] = Execution.current.now()
    real_state_input(self, env)


# Control flow, without threads


def program(self, env):
    env.next_state_name = self.start_at.start_at_name
    EvalComponent.eval(self, env)


def attempt(self, env):
    """One attempt of a task, a parallel or a map. moto gives each a thread to be able to leave it."""
    env.states._states_data["result"] = ABSENT
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    # The frame's context is a copy that lacks the item of a map.
    frame.states.context_object.context_object_data.update(env.states.context_object.context_object_data)
    frame.stack = copy.deepcopy(env.stack)
    try:
        self._eval_execution(frame)
    finally:
        frame.set_ended()
        env.close_frame(frame)
    output = frame.stack.pop()
    env.stack.append(output)
    if not self._is_language_query_jsonpath():
        env.states.set_result(output)
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.result_selector:
        self.result_selector.eval(env=env)
    if self.result_path:
        self.result_path.eval(env)
    else:
        env.states.reset(input_value=env.stack.pop())


def task(self, env):
    """A call, which the case answers; for each integration pattern the answer is what the state gets in the end."""
    resource = self.resource
    arn = resource.resource_arn
    token = None
    context = env.states.context_object.context_object_data
    if arn.endswith(".waitForTaskToken") or isinstance(resource, ActivityResource):
        Execution.current.tokens += 1
        token = f"token-{Execution.current.tokens}"
        context["Task"] = {"Token": token}
    if self.parargs is not None:
        self.parargs.eval(env=env)
        arguments = env.stack.pop()
    elif isinstance(resource, ServiceResource):
        arguments = {}
    else:
        arguments = env.stack.pop()
    seconds = []
    for limit in (None if self.timeout.is_default_value() else self.timeout, self.heartbeat):
        if limit is not None:
            limit.eval(env=env)
        seconds.append(env.stack.pop() if limit is not None else None)
    result = Execution.current.call(self.name, arn, arguments, *seconds, token)
    context.pop("Task", None)
    env.stack.append(result)
    self._verify_size_quota(env=env, value=result)


def task_for(resource):
    """A task of any integration: whether there is such an integration is judged elsewhere, by AWS's own table."""
    if not isinstance(resource, (ServiceResource, LambdaResource, ActivityResource)):
        raise Unforeseen("a task without a resource")
    return AnyTask()


class AnyTask(StateTask):
    _eval_execution = task


def choice(self, env):
    """moto takes the state's own Assign and Output also where a rule leads to the default state, and has no error name."""
    for rule in self.choices_decl.rules:
        given = copy.deepcopy(env.stack)
        rule.eval(env)
        if env.stack.pop() is True:
            env.stack[:] = given
            env.stack.append((rule.next_stmt.name, rule))
            return
        env.stack[:] = given
    if self.default_state is None:
        raise failure("States.NoChoiceMatched", f"no rule of `{self.name}` holds", env)
    env.stack.append((self.default_state.state_name, None))


def choice_output(self, env):
    following, rule = env.stack.pop()
    if rule is None:
        if self.assign_decl:
            self.assign_decl.eval(env=env)
        if self.output:
            self.output.eval(env=env)
    if self._is_language_query_jsonpath():
        if self.output_path:
            self.output_path.eval(env=env)
        else:
            env.states.reset(input_value=env.stack.pop())
    env.next_state_name = following


def pass_state(self, env):
    """A pass has no result for `$states`."""
    if self.parameters:
        self.parameters.eval(env=env)
    if self.result:
        self.result.eval(env=env)
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.result_path:
        self.result_path.eval(env)


def matches(self, env):
    """Which errors a retrier or a catcher means, as AWS describes the reserved names."""
    name = env.stack.pop()
    error = name.error_name if name is not None else None
    names = {one.error_name for one in self.error_names}
    found = (
        error in names
        or "States.ALL" in names
        or ("States.TaskFailed" in names and error not in TIMEOUTS)
        or ("States.Timeout" in names and error in TIMEOUTS)
    )
    env.stack.append(found and error not in UNCATCHABLE)


def catcher(self, env):
    env.states._states_data["result"] = ABSENT
    pending(env.variable_store).clear()
    real_catcher(self, env)


def ended(env):
    """The output of a branch or iteration, or the error that it ended with."""
    state = env.program_state()
    if isinstance(state, ProgramError):
        details = state.error or {}
        return failure(details.get("error") or "", details.get("cause") or "", env)
    return env.states.get_input()


def branches(self, env):
    given = env.stack.pop()
    together = Together()
    outputs = []
    for branch in self.programs:

        def one(branch=branch):
            frame = env.open_inner_frame()
            inherit(frame, env)
            frame.states.reset(input_value=given)
            branch.eval(frame)
            env.close_frame(frame)
            return ended(frame)

        outputs.append(together.run(one))
    together.finish()
    env.stack.append(outputs)


def inherit(frame, env):
    """The item of a map is seen in everything inside the iteration."""
    context = env.states.context_object.context_object_data
    if "Map" in context:
        frame.states.context_object.context_object_data["Map"] = copy.deepcopy(context["Map"])


def map_state(self, env):
    execution = Execution.current
    parts = execution.maps.get(self.name, {})
    distributed = isinstance(self.iteration_component, DistributedIterationComponent)
    state_input = env.states.get_input()

    self.max_concurrency_decl.eval(env=env)
    concurrency = env.stack.pop()
    tolerated_count = number_of(parts, "ToleratedFailureCount", 0, env)
    tolerated_percentage = number_of(parts, "ToleratedFailurePercentage", 0, env)

    if "ItemReader" in parts:
        reader = arguments_of(parts["ItemReader"], env)
        execution.calls.append((execution.clock.seconds, self.name, "ItemReader", reader))
        if self.name not in execution.items:
            raise Unforeseen(f"the case says no items of `{self.name}`")
        items = copy.deepcopy(execution.items[self.name])
    elif self.items is not None:
        self.items.eval(env=env)
        items = env.stack.pop()
    elif self.items_path is not None:
        self.items_path.eval(env=env)
        items = env.stack.pop()
    else:
        items = state_input
    if isinstance(items, dict) and not self._is_language_query_jsonpath():
        items = [{"Key": key, "Value": value} for key, value in items.items()]
    if not isinstance(items, list):
        raise failure(QUERY, f"`{self.name}` runs over {items!r}, which is no array", env)

    inputs = []
    for index, item in enumerate(items):
        selected = item
        selector = self.item_selector or self.parameters
        if selector is not None:
            frame = env.open_inner_frame()
            frame.variable_store = env.variable_store
            inherit(frame, env)
            frame.states.reset(input_value=state_input)
            frame.states.context_object.context_object_data["Map"] = {"Item": {"Index": index, "Value": item}}
            frame.stack.append(state_input)
            selector.eval(frame)
            selected = frame.stack[-1]
            env.delete_frame(frame)
        inputs.append((index, item, selected))
    if "ItemBatcher" in parts:
        inputs = batches(parts["ItemBatcher"], inputs, env)

    inner = self.iteration_component._get_iteration_program()
    together = Together(min(concurrency, len(inputs)) if concurrency else None)
    outputs = []
    failed = 0
    for index, item, selected in inputs:

        def one(index=index, item=item, selected=selected):
            frame = env.open_inner_frame()
            context = frame.states.context_object.context_object_data
            if distributed:
                execution.children += 1
                name = f"child-{execution.children}"
                # A child is an execution of its own: it has its own input, and sees no variables.
                frame.variable_store = VariableStore()
                context["Execution"] = ExecutionData(
                    Id=f"{MACHINE.replace('stateMachine', 'execution')}/{self.name}:{name}",
                    Input=copy.deepcopy(selected), Name=name, RoleArn=ROLE, StartTime=execution.now(),
                    RedriveCount=0,
                )
            context["Map"] = {"Item": {"Index": index, "Value": copy.deepcopy(item)}}
            frame.states.reset(input_value=selected)
            inner.eval(frame)
            env.delete_frame(frame)
            return ended(frame)

        if not distributed:
            outputs.append(together.run(one))
            continue
        output = together.run(one)
        if isinstance(output, FailureEventException):
            failed += 1
            together.failures.pop()
            # What AWS puts here is not described; nothing may rest on it.
            output = None
        outputs.append(output)
    together.finish()
    if failed > tolerated_count and failed * 100 > tolerated_percentage * len(inputs):
        raise failure(THRESHOLD, f"{failed} of {len(inputs)} executions failed", env)
    if "ResultWriter" in parts and ("Arguments" in parts["ResultWriter"] or "Parameters" in parts["ResultWriter"]):
        target = arguments_of(parts["ResultWriter"], env)
        execution.calls.append((execution.clock.seconds, self.name, "ResultWriter", target))
        prefix = f"{target['Prefix'].rstrip('/')}/" if target.get("Prefix") else ""
        outputs = {
            "MapRunArn": f"{MACHINE.replace('stateMachine', 'mapRun')}/{self.name}:run-1",
            "ResultWriterDetails": {"Bucket": target["Bucket"], "Key": f"{prefix}run-1/manifest.json"},
        }
    env.stack.append(outputs)


def number_of(fields, name, default, env):
    """A limit, which is a number, an expression, or a path."""
    if f"{name}Path" in fields:
        return path_template({"number.$": fields[f"{name}Path"]}, env)["number"]
    return template(fields.get(name, default), lambda expression: value_of(env, expression))


def arguments_of(part, env):
    """The arguments of a reader or writer. moto reads some of them only, so their templates are evaluated here."""
    if "Parameters" in part:
        return path_template(part["Parameters"], env)
    return template(part.get("Arguments", {}), lambda expression: value_of(env, expression))


def path_template(value, env):
    """A payload template of paths into the input or the context."""

    def found(path):
        if path.startswith("$$."):
            return extract_json(path[1:], env.states.context_object.context_object_data)
        return extract_json(path, env.states.get_input())

    if isinstance(value, dict):
        return {
            (key[:-2] if key.endswith(".$") else key): found(inner) if key.endswith(".$") else path_template(inner, env)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [path_template(inner, env) for inner in value]
    return value


def batches(batcher, inputs, env):
    """Inputs put together, each batch with what all batches share."""
    most = number_of(batcher, "MaxItemsPerBatch", len(inputs), env)
    size = number_of(batcher, "MaxInputBytesPerBatch", 256 * 1024, env)
    shared = batcher.get("BatchInput")
    if shared is not None:
        has_paths = "{%" not in json.dumps(shared)
        shared = path_template(shared, env) if has_paths else arguments_of({"Arguments": shared}, env)
    groups = [[]]
    for _, _, selected in inputs:
        group = groups[-1]
        if group and (len(group) >= most or len(json.dumps([*group, selected])) > size):
            group = []
            groups.append(group)
        group.append(selected)
    made = []
    for index, group in enumerate(group for group in groups if group):
        batch = {"Items": group} if shared is None else {"BatchInput": shared, "Items": group}
        made.append((index, batch, batch))
    return made


def wait_interval(self, env, wait_seconds):
    seconds = max(wait_seconds, 0)
    Execution.current.waits.append((env.next_state_name, seconds))
    Execution.current.advance(seconds)


def wait_until(self, env):
    self.string.eval(env=env)
    text = env.stack.pop()
    moment = self._from_timestamp_string(timestamp=text)
    if moment is None:
        raise failure(RUNTIME, f"`{text}` is no time", env)
    moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() - Execution.current.clock.milliseconds() / 1000


class Sleep:
    """The waiting of a retrier."""

    @staticmethod
    def sleep(seconds):
        Execution.current.waits.append(("retry", seconds))
        Execution.current.advance(seconds)


class Longest:
    """Jitter takes all of the interval: the time of a run is the longest there can be."""

    @staticmethod
    def uniform(_least, most):
        return most


def program_body(self, env):
    """moto makes an error of the machine of every exception, also of what must leave the run."""
    try:
        while env.is_running():
            self._get_state(env.next_state_name).eval(env)
            env.stack.clear()
            env.heap.clear()
    except NoSuchJsonPathError as fault:
        env.set_error(ExecutionFailedEventDetails(error=RUNTIME, cause=f"`{fault.json_path}` is not in the input"))
    except FailureEventException as fault:
        env.set_error(error=fault.get_execution_failed_event_details() or ExecutionFailedEventDetails())


def text_of(parser_rule_context):
    """The text of a JSON string, or of a number; moto leaves escapes in most of them as they are."""
    written = parser_rule_context.getText()
    if written == "null":
        return None
    return json.loads(written) if written.startswith('"') else written


def intrinsic_function(self, context):
    written = json.loads(context.STRINGINTRINSICFUNC().getText())
    function, _ = IntrinsicParser.parse(written)
    return StringIntrinsicFunction(intrinsic_function_derivation=written, function=function)


def unhandled(self, env, ex):
    """An exception that is no error of a machine is a mistake of the harness or of the definition: it leaves the run."""
    if isinstance(ex, FailureEventException):
        return ex.failure_event
    if isinstance(ex, NoSuchJsonPathError):
        return failure(RUNTIME, f"`{ex.json_path}` is not in the input", env).failure_event
    raise Unforeseen(f"`{env.next_state_name}`: {type(ex).__name__}: {ex}") from ex


real_state_body = CommonStateField._eval_body
real_state_input = CommonStateField._eval_state_input
real_catcher = CatcherDecl._eval_body

for owner, name, replacement in [
    (preprocessor.Preprocessor, "_inner_string_of", staticmethod(text_of)),
    (preprocessor, "from_string_literal", text_of),
    (preprocessor.Preprocessor, "visitString_intrinsic_function", intrinsic_function),
    (StringJSONata, "_eval_body", evaluate_expression),
    (StringVariableSample, "_eval_body", evaluate_expression),
    (ConditionStringJSONata, "_eval_body", condition),
    (States, "reset", reset),
    (AssignDecl, "_eval_body", assign),
    (CommonStateField, "_eval_body", state_body),
    (CommonStateField, "_eval_state_input", entered_time),
    (Program, "eval", program),
    (Program, "_eval_body", program_body),
    (ExecutionState, "_evaluate_with_timeout", attempt),
    (ExecutionState, "_from_error", unhandled),
    (StateTask, "_from_error", unhandled),
    (preprocessor, "state_task_for", task_for),
    (StateChoice, "_eval_state", choice),
    (StateChoice, "_eval_state_output", choice_output),
    (StatePass, "_eval_state", pass_state),
    # A machine may pass an error of AWS's own on.
    (state_fail, "CustomErrorName", ErrorName),
    (ErrorEqualsDecl, "_eval_body", matches),
    (CatcherDecl, "_eval_body", catcher),
    (BranchesDecl, "_eval_body", branches),
    (StateMap, "_eval_execution", map_state),
    (WaitFunction, "_wait_interval", wait_interval),
    (timestamp_module.Timestamp, "_get_wait_seconds", wait_until),
    (retrier_decl, "time", Sleep),
    (jitter_strategy_decl, "random", Longest),
]:
    assert hasattr(owner, name), f"moto has no {owner.__name__}.{name}"
    setattr(owner, name, replacement)
