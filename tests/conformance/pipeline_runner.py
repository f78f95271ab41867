"""Runs a pipeline definition on given results, to see which steps it takes: conditions, references, order, failures.

It knows definitions as AWS describes them and nothing of who wrote one. Steps whose results are given run in the order of
the definition as soon as what they wait for has run; a step that waits for one that does not run never runs.
"""

import copy
import json
import re

from graph import SEGMENT

NESTED = ("IfSteps", "ElseSteps")
REFERENCE = re.compile(r"Steps\.([^.]+)\.?(.*)", re.DOTALL)


class Broken(Exception):
    """The definition asks for what there is not, or the results lack what it asks for."""


class Pipeline:
    def __init__(self, definition, given, results, name="execution-1"):
        self.definition = definition
        declared = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition.get("Parameters", [])}
        unknown = set(given) - set(declared)
        if unknown:
            raise Broken(f"there is no parameter {', '.join(sorted(unknown))}")
        self.parameters = {**declared, **given}
        self.results = results
        self.execution = {"PipelineExecutionId": name, "PipelineName": "pipeline"}
        self.path = []
        self.calls = {}
        self.ended = {}

    def run(self):
        """The status and, of a failed execution, why."""
        waiting = list(self.definition["Steps"])
        known = {step["Name"] for step in self.definition["Steps"]}
        while waiting:
            ready = next((step for step in waiting if self.waits_for(step) <= set(self.ended)), None)
            if ready is None:
                # What is left waits for steps of branches that were not taken.
                break
            waiting.remove(ready)
            outcome = self.step(ready, waiting, known)
            if outcome is not None:
                return outcome
        return {"status": "Succeeded"}

    def step(self, step, waiting, known):
        name, arguments = step["Name"], step.get("Arguments", {})
        if step["Type"] == "Condition":
            holds = all(self.holds(condition) for condition in arguments["Conditions"])
            taken = arguments.get("IfSteps" if holds else "ElseSteps", [])
            waiting[:0] = taken
            known.update(inner["Name"] for inner in taken)
            self.ended[name] = {"Outcome": holds}
            return None
        self.path.append(name)
        if step["Type"] == "Fail":
            return {"status": "Failed", "message": self.value(arguments.get("ErrorMessage", ""))}
        self.calls[name] = self.value(arguments)
        if name not in self.results:
            raise Broken(f"no result is given for `{name}`")
        result = self.results[name]
        if "error" in result:
            return {"status": "Failed", "step": name}
        self.ended[name] = result.get("return", {})
        return None

    def waits_for(self, step):
        """The steps whose end a step waits for, those of its branches left out."""
        names = set(step.get("DependsOn", []))
        own = {step["Name"]}

        def look(value):
            if isinstance(value, list):
                for inner in value:
                    look(inner)
            if not isinstance(value, dict):
                return
            if isinstance(value.get("Get"), str) and len(value) == 1:
                found = REFERENCE.match(value["Get"])
                if found:
                    names.add(found.group(1))
            for key, inner in value.items():
                if key not in NESTED:
                    look(inner)

        look(step.get("Arguments", {}))
        return names - own

    def order(self):
        """Pairs of steps of which the second waits for the first, or stands in a branch of one that does."""

        def within(steps, around):
            for step in steps:
                waits = around | self.waits_for(step)
                yield from ((before, step["Name"]) for before in sorted(waits))
                for branch in NESTED:
                    yield from within(step.get("Arguments", {}).get(branch, []) if step["Type"] == "Condition" else [], waits)

        return list(within(self.definition["Steps"], frozenset()))

    def holds(self, condition):
        kind = condition["Type"]
        if kind == "Not":
            return not self.holds(condition["Condition"])
        if kind == "Or":
            return any(self.holds(inner) for inner in condition["Conditions"])
        if kind == "In":
            return any(self.equal(self.value(condition["QueryValue"]), self.value(one)) for one in condition["Values"])
        left, right = self.value(condition["LeftValue"]), self.value(condition["RightValue"])
        if kind == "Equals":
            return self.equal(left, right)
        if isinstance(left, (bool, str)) or isinstance(right, (bool, str)):
            raise Broken(f"{kind} compares {left!r} and {right!r}, which are no numbers")
        return {
            "GreaterThan": left > right, "GreaterThanOrEqualTo": left >= right,
            "LessThan": left < right, "LessThanOrEqualTo": left <= right,
        }[kind]  # fmt: skip

    @staticmethod
    def equal(left, right):
        return left == right and isinstance(left, bool) == isinstance(right, bool)

    def value(self, value):
        """A value with every reference in it replaced."""
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Get"}:
            return self.get(value["Get"])
        if set(value) == {"Std:Join"}:
            join = value["Std:Join"]
            return join.get("On", "").join(text(self.value(inner)) for inner in join["Values"])
        if set(value) == {"Std:JsonGet"}:
            return self.json_get(value["Std:JsonGet"])
        return {key: self.value(inner) for key, inner in value.items()}

    def get(self, reference):
        if reference.startswith("Parameters."):
            name = reference.removeprefix("Parameters.")
            if self.parameters.get(name) is None:
                raise Broken(f"`{reference}` has no value")
            return self.parameters[name]
        if reference.startswith("Execution."):
            return self.execution[reference.removeprefix("Execution.")]
        name, path = REFERENCE.match(reference).groups()
        if name not in self.ended:
            raise Broken(f"`{reference}` is read before `{name}` has run")
        return walk(self.ended[name], f".{path}", reference)

    def json_get(self, get):
        if "PropertyFile" in get:
            reference = get["PropertyFile"]["Get"]
            name, path = REFERENCE.match(reference).groups()
            files = self.results[name].get("files", {})
            file = path.removeprefix("PropertyFiles.")
            if name not in self.ended or file not in files:
                raise Broken(f"there is no `{reference}`")
            return walk(files[file], f".{get['Path']}", get["Path"])
        raise Broken(f"no file is given for {json.dumps(get)}")


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def walk(value, path, said):
    """What lies at a path: members, places in a list, or elements by their name."""
    at = 0
    while at < len(path):
        found = SEGMENT.match(path, at)
        if not found:
            raise Broken(f"`{said}` is no path")
        at = found.end()
        member, index, key = found.groups()
        try:
            if member is not None:
                value = value[member]
            elif index is not None:
                value = value[int(index)]
            elif isinstance(value, list):
                value = next(one for one in value if key in (inner for name, inner in one.items() if name.endswith("Name")))
            else:
                value = value[key]
        except (KeyError, IndexError, TypeError, StopIteration) as fault:
            raise Broken(f"`{said}` is not there") from fault
    return copy.deepcopy(value)
