"""Judges the pipeline definitions that are built: `check.py [FILE or FOLDER …]`.

A file ending in `.json` is a definition. A folder with a `main.mlflow` is a project, which is built first; any other folder
stands for the definitions and projects below it. Without arguments: the examples, the transcriptions, and the golden
files of the tests. The compiler is `mlflowc` of $MLFLOWC, or of `cargo run`.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from calls import Requests  # noqa: E402
from graph import Graph  # noqa: E402
from jsonschema import Draft7Validator  # noqa: E402

ROOT = HERE.parent.parent
SCHEMA = Draft7Validator(json.loads((HERE / "pipeline-definition.schema.json").read_text()))
# Documents to import are as others may write them, mistakes included.
SKIPPED = {"target", "node_modules", "build", "__pycache__", "import"}
MOST_CHARACTERS = 1_048_576


def judge(document):
    """The faults of a definition, the most telling first."""
    faults = []
    for error in SCHEMA.iter_errors(document):
        deepest = best(error)
        path = "/".join(str(part) for part in deepest.absolute_path)
        faults.append(f"schema: {path}: {deepest.message[:300]}")
    if not isinstance(document.get("Steps"), list) or any(not isinstance(step, dict) for step in document["Steps"]):
        return faults
    if len(json.dumps(document, separators=(",", ":"))) > MOST_CHARACTERS:
        faults.append("definition: longer than the service takes")
    graph = Graph(document)
    faults.extend(graph.judge())
    requests = Requests({name: parameter.get("Type") for name, parameter in graph.parameters.items()})
    for name, step in graph.steps.items():
        faults.extend(f"{name}: {fault}" for fault in requests.judge(step))
    return faults


def best(error):
    """Of the ways in which a value fits nothing, the one that went furthest."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return error


def compiler():
    given = os.environ.get("MLFLOWC")
    return shlex.split(given) if given else ["cargo", "run", "--quiet", "--locked", "--package", "mlflowc", "--"]


def below(folder):
    """Projects and definitions below a folder."""
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        if "main.mlflow" in files and "cases" not in Path(path).parts:
            yield Path(path)
            folders.clear()
        else:
            yield from (Path(path) / name for name in sorted(files) if name.endswith(".pipeline.json"))


def documents(places):
    """Pairs of a name and a definition, or of a name and why there is none."""
    for place in places:
        if place.is_file():
            yield name_of(place), place.read_text()
        elif (place / "main.mlflow").is_file():
            yield from built(place)
        else:
            yield from documents(list(below(place)))


def name_of(path):
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def built(project, documents="*.pipeline.json"):
    """The documents of one sort that a project becomes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*compiler(), "build", str(project / "main.mlflow"), "--output", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            yield name_of(project), None if done.returncode == 2 else ""
            print(done.stdout + done.stderr, file=sys.stderr)
            return
        for file in sorted(Path(folder).rglob(documents)):
            yield f"{name_of(project)} {file.name}", file.read_text()


def check(places, show=print):
    """Judges everything; how many passed, how many failed."""
    passed = failed = 0
    for name, text in documents(places):
        try:
            faults = judge(json.loads(text)) if text else ["is not built"]
        except ValueError as error:
            faults = [f"no JSON: {error}"]
        if faults:
            failed += 1
            show(f"FAIL {name}")
            for fault in faults:
                show(f"     {fault}")
        else:
            passed += 1
            show(f"ok   {name}")
    show(f"{passed} passed, {failed} failed")
    return passed, failed


def everything():
    return [ROOT / "examples", ROOT / "tests"]


if __name__ == "__main__":
    found = check([Path(argument) for argument in sys.argv[1:]] or everything())
    sys.exit(1 if found[1] or not found[0] else 0)
