"""Runs a machine as a case says, and says where the run differs from what the case expects.

A file of cases, `<name>.runs.yaml`, stands beside the machine `<name>.asl.json` or `<name>.<workflow>.asl.json`:

    machine: train            # the workflow, where the source makes several machines
    not_entered: [ … ]        # states that no run enters, on purpose
    runs:
      the score passes:
        input: { … }          # of the execution
        results:              # by state: what each call gives, in turn; one for all calls where it is no list
          fit:
            - { error: SageMaker.AmazonSageMakerException, cause: throttled, times: 2 }
            - { return: { … }, takes: 60 }
        items: { each: [ … ] }   # what the reader of a distributed map finds
        path: [prepare, fit]     # the states in the order in which they are entered
        arguments:            # of each task: one for all calls, or call by call
          prepare: { … }
          fit: [{ …: as written, JobName: fit-1 }, { …: as written, JobName: fit-2 }]
        seconds: 61              # how long the run takes, on the clock of the machine
        status: SUCCEEDED
        output: …                # or error: and cause:

In arguments, `…: as written` stands for all other members, which must be in the machine as they are, without an expression:
what is written out is everything that is computed. Text between `/^` and `$/` is a pattern.

`takes` is the time that a call takes, and `silent` the longest time without a heartbeat. Everything expected is required
but `seconds`, `output` and `cause`. A call with a task token gives what the callback gives. Identifiers are the same in each run: the execution is
`execution-1`, tokens are `token-1`, `token-2`, …, what `$uuid()` gives ends in 1, 2, …, and the time begins on 2026-01-01.
"""

import json
import re
from pathlib import Path

import machine_calls
import yaml
from machine_execution import Execution, Unforeseen
from machine_interpreter import execute
from machine_jsonata import is_expression

KNOWN = {"input", "results", "items", "path", "arguments", "seconds", "status", "output", "error", "cause"}
# Stands for the members that are as the machine has them.
REST = "…"
ANSWER = {"return", "error", "cause", "takes", "silent", "times"}


class Answers:
    """The results of calls, in turn."""

    def __init__(self, results):
        self.results = {name: self.laid_out(name, given) for name, given in results.items()}
        self.used = dict.fromkeys(self.results, 0)

    @staticmethod
    def laid_out(name, given):
        entries = given if isinstance(given, list) else [given]
        for entry in entries:
            if not isinstance(entry, dict) or set(entry) - ANSWER or not {"return", "error"} & set(entry):
                raise Unforeseen(f"a result of `{name}` is written {{ return: … }} or {{ error: …, cause: … }}, not {entry!r}")
        if not isinstance(given, list):
            return given
        return [entry for entry in entries for _ in range(entry.get("times", 1))]

    def __call__(self, name, arguments, token):
        if name not in self.results:
            raise Unforeseen(f"no result is given for `{name}`, which is called with {json.dumps(arguments)}")
        given = self.results[name]
        turn = self.used[name]
        self.used[name] = turn + 1
        if isinstance(given, dict):
            return given
        if turn >= len(given):
            raise Unforeseen(f"`{name}` is called {turn + 1} times, and there are {len(given)} results")
        return given[turn]

    def left(self):
        for name, given in self.results.items():
            most = 1 if isinstance(given, dict) else len(given)
            if self.used[name] < most:
                yield f"results: `{name}` is called {self.used[name]} times, and there are {most} results"


def run(definition, case):
    """The run and its differences from the case."""
    differences = [f"the case says `{word}`, which means nothing" for word in sorted(set(case) - KNOWN)]
    differences += [f"the case does not say `{word}`" for word in ("path", "arguments", "status") if word not in case]
    execution = None
    try:
        answers = Answers(case.get("results", {}))
        execution = Execution(definition, case.get("input", {}), answers, case.get("items", {}))
        outcome = execute(execution)
    except Unforeseen as fault:
        return execution, [*differences, str(fault)]
    differences += answers.left()
    differences += differing("status", case.get("status"), outcome["status"])
    for part in ("output", "error", "cause"):
        if part in case:
            differences += differing(part, case[part], outcome.get(part))
        elif part == "error" and outcome["status"] == "FAILED":
            differences.append(f"error: expected none, is {outcome.get('error')}: {outcome.get('cause')}")
    path = [name for _, name in execution.path]
    if path != case.get("path"):
        differences.append(f"path: expected {listed(case.get('path') or [])}")
        differences.append(f"            is {listed(path)}")
    differences += arguments_differ(case.get("arguments") or {}, execution.calls, definition)
    differences += names_twice(execution.calls)
    for _, name, resource, arguments in execution.calls:
        if resource not in ("ItemReader", "ResultWriter"):
            differences += [f"call of `{name}`: {fault}" for fault in machine_calls.judge(resource, arguments)]
    if "seconds" in case:
        differences += differing("seconds", case["seconds"], execution.clock.seconds)
    return execution, differences


def listed(names):
    return " → ".join(names) if names else "nothing"


def arguments_differ(expected, calls, definition):
    found = {}
    for _, name, resource, arguments in calls:
        key = f"{name} {resource}" if resource in ("ItemReader", "ResultWriter") else name
        found.setdefault(key, []).append(arguments)
    for name in expected:
        if name not in found:
            yield f"arguments: `{name}` is not called"
    for name, given in found.items():
        if name not in expected:
            yield f"arguments: nothing is said of `{name}`, which is called with {json.dumps(given[0])}"
            continue
        written = written_arguments(definition, name)
        wanted = expected[name] if isinstance(expected[name], list) else [expected[name]] * len(given)
        if len(wanted) != len(given):
            yield f"arguments: `{name}` is called {len(given)} times, expected {len(wanted)}"
        for turn, (one, other) in enumerate(zip(wanted, given)):
            place = f"arguments of {name}" + (f" (call {turn + 1})" if len(given) > 1 else "")
            yield from differing(place, one, other, written)


def written_arguments(definition, name):
    """The arguments of a state as the machine has them, with expressions."""
    name, _, part = name.partition(" ") if name.endswith((" ItemReader", " ResultWriter")) else (name, "", "")
    state = next((state for other, state in all_states(definition) if other == name), {})
    state = state.get(part, {}) if part else state
    return state.get("Arguments", state.get("Parameters", {}))


def names_twice(calls):
    """Jobs that have the name of another: the service refuses the second."""
    seen = set()
    for _, name, resource, arguments in calls:
        action = resource.rsplit(":", 1)[-1] if not resource.endswith(":2") else resource.rsplit(":", 2)[-2]
        if not action.startswith("create") or not isinstance(arguments, dict):
            continue
        for member, value in arguments.items():
            if member.endswith("JobName"):
                if (member, value) in seen:
                    yield f"call of `{name}`: there is already a job with the {member} `{value}`"
                seen.add((member, value))


def differing(place, expected, found, written=None):
    """Where two values differ, each place on a line. What is `written` stands for what is left out with `…`."""
    if isinstance(expected, dict) and isinstance(found, dict):
        rest = REST in expected
        for key in [*expected, *(key for key in found if key not in expected)]:
            own = written.get(key) if isinstance(written, dict) else None
            if key == REST:
                continue
            if key not in found:
                yield f"{place}.{key}: expected {json.dumps(expected[key])}, is not there"
            elif key in expected:
                yield from differing(f"{place}.{key}", expected[key], found[key], own)
            elif not rest:
                yield f"{place}.{key}: not expected, is {json.dumps(found[key])}"
            elif own != found[key] or computed(own):
                yield f"{place}.{key}: is computed, so it must be said; is {json.dumps(found[key])}"
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for at, (one, other) in enumerate(zip(expected, found)):
            own = written[at] if isinstance(written, list) and at < len(written) else None
            yield from differing(f"{place}[{at}]", one, other, own)
    elif not same(expected, found):
        yield f"{place}: expected {json.dumps(expected)}, is {json.dumps(found)}"


def computed(written):
    """Whether a part of a template holds an expression or a path."""
    if isinstance(written, dict):
        return any(key.endswith(".$") or computed(inner) for key, inner in written.items())
    if isinstance(written, list):
        return any(map(computed, written))
    return is_expression(written)


def same(one, other):
    if isinstance(one, str) and isinstance(other, str) and one.startswith("/^") and one.endswith("$/"):
        return re.fullmatch(one[2:-2], other) is not None
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-12 * max(abs(one), abs(other))
    return one == other


def machine_of(runs, said):
    """The machine that a file of cases is about."""
    base = runs.name.removesuffix(".runs.yaml")
    found = sorted(path for path in runs.parent.glob("*.asl.json") if path.name.startswith(f"{base}."))
    if said is not None:
        found = [path for path in found if path.name == f"{base}.{said}.asl.json"]
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise Unforeseen(f"{runs.name}: one machine belongs to a file of cases; there is: {names}")
    return found[0]


def load(runs):
    """The machine and the cases of a file."""
    try:
        document = yaml.load(runs.read_text(), Loader=Strict)
    except yaml.YAMLError as fault:
        raise Unforeseen(f"{runs.name}: {fault}") from fault
    machine = machine_of(runs, document.get("machine"))
    unknown = set(document) - {"machine", "not_entered", "runs"}
    if unknown or not document.get("runs"):
        raise Unforeseen(f"{runs.name}: it says {', '.join(sorted(unknown)) or 'no runs'}")
    return json.loads(machine.read_text()), document


class Strict(yaml.SafeLoader):
    """Words of the language such as `on` and `yes` are text, times are text, and a key stands once."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"{node.start_mark}: twice: {', '.join(sorted(twice))}")
        return super().construct_mapping(node, deep)


Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp",)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for first in "yYnNoO":
    Strict.yaml_implicit_resolvers[first] = [
        entry for entry in Strict.yaml_implicit_resolvers.get(first, []) if entry[0] != "tag:yaml.org,2002:bool"
    ]


def all_states(definition):
    """The names of all states and the states, with those in branches and iterations."""
    for name, state in definition.get("States", {}).items():
        yield name, state
        for inner in [*state.get("Branches", []), state.get("ItemProcessor", {}), state.get("Iterator", {})]:
            yield from all_states(inner)


def states(definition):
    """The names of all states."""
    return [name for name, _ in all_states(definition)]


def files(folder):
    return sorted(Path(folder).rglob("*.runs.yaml"))
