"""The same workflow, as a pipeline and as a state machine, takes the same path for the same results, which is the one
that stands with the workflow, and asks the services for the same.

`tests/engines/<sentence>.mlflow` has a `config engine`; `<sentence>.runs.yaml` has its runs: `input`, for each step what it
gives (`return`, `error`, and `files` by the name of the output), the `path` of steps, and the `message` where one fails.
"""

import json
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
import yaml
from check import ROOT, compiler
from machine_execution import Execution
from machine_interpreter import execute
from machine_runner import Strict, differing
from pipeline_runner import Pipeline

FOLDER = ROOT / "tests" / "engines"
SOURCES = sorted(FOLDER.glob("*.mlflow"))


@lru_cache
def built(source, engine):
    with tempfile.TemporaryDirectory() as folder:
        command = [*compiler(), "build", str(source), "--set", f"engine={engine}", "--output", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        ending = {"pipeline": "*.pipeline.json", "machine": "*.asl.json"}[engine]
        (document,) = Path(folder).rglob(ending)
        return json.loads(document.read_text())


def runs(source):
    return yaml.load(source.with_name(f"{source.stem}.runs.yaml").read_text(), Loader=Strict)["runs"]


def all_runs():
    for source in SOURCES:
        yield from (pytest.param(source, title, id=f"{source.stem}: {title}") for title in runs(source))


class Services:
    """Answers the calls of a machine with the results of steps, and reads of files with what a step wrote."""

    def __init__(self, results):
        self.results = results
        self.steps = []
        self.calls = {}

    def __call__(self, name, arguments, _token):
        for step, result in self.results.items():
            for output, content in result.get("files", {}).items():
                if arguments.get("Key", "").endswith(f"/{step}/{output}/{output}.json"):
                    return {"return": {"Body": json.dumps(content)}}
        assert name in self.results, f"no result is given for `{name}`: {json.dumps(arguments)}"
        self.steps.append(name)
        self.calls[name] = arguments
        return self.results[name]


@pytest.mark.parametrize(("source", "title"), list(all_runs()))
def test_both_engines_take_the_path(source, title):
    case = runs(source)[title]
    assert set(case) <= {"input", "steps", "path", "message"}, sorted(case)
    steps, path = case.get("steps", {}), case["path"]
    fails = "message" in case or any("error" in result for result in steps.values())

    services = Services(steps)
    execution = Execution(built(source, "machine"), case.get("input", {}), services, {})
    outcome = execute(execution)
    entered = {name for _, name in execution.path}
    by_machine = [name for name in services.steps if name in entered]
    assert sorted(by_machine) == sorted(path), f"the machine takes {by_machine}"
    assert outcome["status"] == ("FAILED" if fails else "SUCCEEDED"), outcome
    if "message" in case:
        assert outcome["cause"] == case["message"]

    pipeline = Pipeline(built(source, "pipeline"), case.get("input", {}), named_alike(steps, services.calls))
    outcome = pipeline.run()
    by_pipeline = [name for name in pipeline.path if name in steps]
    assert sorted(by_pipeline) == sorted(path), f"the pipeline takes {by_pipeline}"
    assert outcome["status"] == ("Failed" if fails else "Succeeded"), outcome
    assert outcome.get("message") == case.get("message")

    for before, after in pipeline.order():
        if before in path and after in path:
            assert by_machine.index(before) < by_machine.index(after), f"{after} waits for {before}"
    for name in path:
        asked = {**own_names(services.calls[name]), **pipeline.calls[name]}
        told = list(differing(name, asked, services.calls[name]))
        assert not told, "\n".join(told)


def own_names(call):
    """The names that a state machine gives to what it makes, and that a pipeline makes itself."""
    return {member: value for member, value in call.items() if member.endswith("JobName") or member == "ModelName"}


def named_alike(steps, calls):
    """The results of steps, where the service answers with the names that the state machine gave."""
    named = {}
    for name, result in steps.items():
        given = result.get("return", {})
        named[name] = {**result, "return": {**given, **{key: value for key, value in own_names(calls.get(name, {})).items() if key in given}}}
        if "return" not in result:
            del named[name]["return"]
    return named


def test_there_are_workflows():
    assert len(SOURCES) >= 10
    counts = [len(runs(source)) for source in SOURCES]
    assert min(counts) >= 2
