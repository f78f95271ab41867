"""Judges the state machines that are built: `judge_machines.py [FILE or FOLDER …]`.

The judges are AWS's language service of the States Language, by Node, and the rules of cfn-lint for machines, which see each
one as a resource of a template. A file ending in `.asl.json` is a machine; a folder stands for the machines below it and for
the projects, which are built first. Without arguments: the examples, and the golden files of the tests.
"""

import filecmp
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cfnlint import api
from cfnlint.config import ManualArgs
from check import ROOT, SKIPPED, built, name_of

SERVICE = Path(__file__).resolve().parent / "states-language"
MOST_RESOURCES = 100

# What a judge says of what is younger than it is: the end of the line it points at, and its message.
YOUNGER = [('"InputType": "PARQUET"', "Value is not accepted.")]


# A placeholder that CloudFormation fills in where a number or truth value stands: only then is the machine JSON.
OPEN_NUMBER = re.compile(r"([:\[,]\s*)\$\{[\w.:]+\}(?=\s*[,\]}])")


def ready():
    """Installs the language service where it is not what its lock file says."""
    lock, installed = SERVICE / "package-lock.json", SERVICE / "node_modules" / ".installed.json"
    if not installed.is_file() or not filecmp.cmp(lock, installed, shallow=False):
        for program in ("node", "npm"):
            if shutil.which(program) is None:
                raise SystemExit(f"the judge of state machines needs `{program}`, which is not installed")
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=SERVICE, check=True)
        shutil.copyfile(lock, installed)


def by_language_service(machines):
    """Faults by the name of the machine."""
    ready()
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for at, (name, text) in enumerate(machines.items()):
            path = Path(folder) / f"{at}.asl.json"
            path.write_text(text)
            paths[str(path)] = name
        done = subprocess.run(
            ["node", "validate.js"], cwd=SERVICE, input="\n".join(paths), capture_output=True, text=True, check=True
        )
        found = {}
        for line in done.stdout.splitlines():
            answer = json.loads(line)
            name = paths[answer["file"]]
            lines = machines[name].splitlines()
            found[name] = [
                f"language service: {fault['line']}:{fault['column']}: {fault['message']}"
                for fault in answer["faults"]
                if not younger(lines[fault["line"] - 1], fault["message"])
            ]
    missing = set(machines) - set(found)
    assert not missing, f"the language service says nothing of {', '.join(sorted(missing))}"
    return found


def younger(line, message):
    return any(written in line and message.startswith(said) for written, said in YOUNGER)


def by_cfn_lint(machines):
    """Faults by the name of the machine, each of which is a resource of a template."""
    found = {name: [] for name in machines}
    names = list(machines)
    for start in range(0, len(names), MOST_RESOURCES):
        part = {f"Machine{at}": name for at, name in enumerate(names[start : start + MOST_RESOURCES])}
        role = "arn:aws:iam::111122223333:role/machine"
        resources = {}
        for resource, name in part.items():
            properties = {"RoleArn": role, "Definition": json.loads(machines[name])}
            resources[resource] = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
        for match in api.lint(json.dumps(template), config=ManualArgs(regions=["eu-west-1"])):
            path = [str(part) for part in match.path or []]
            if not path or len(path) < 2 or path[1] not in part:
                raise AssertionError(f"cfn-lint: {match.rule.id} {match.message} at {'/'.join(path)}")
            found[part[path[1]]].append(f"cfn-lint: {match.rule.id} {'/'.join(path[4:])}: {match.message}")
    return found


def judge(machines):
    """Faults by name, of texts by name. A text that is no JSON has that fault alone."""
    faults = {}
    readable = {}
    for name, text in machines.items():
        text = OPEN_NUMBER.sub(r"\g<1>1", text)
        try:
            json.loads(text)
            readable[name] = text
        except ValueError as fault:
            faults[name] = [f"no JSON: {fault}"]
    if readable:
        linted = by_cfn_lint(readable)
        for name, found in by_language_service(readable).items():
            faults[name] = found + linted[name]
    return {name: faults[name] for name in machines}


def below(folder):
    """Machines and projects below a folder."""
    if (folder / "main.mlflow").is_file() and "cases" not in folder.parts:
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in SKIPPED and not path.name.startswith("."):
            yield from below(path)
        elif path.name.endswith(".asl.json"):
            yield path


def machines_of(places):
    """The texts of the machines, by name; and the projects that are not built."""
    found, broken = {}, []
    for place in places:
        for path in below(place) if place.is_dir() else [place]:
            if path.is_file():
                found[name_of(path)] = path.read_text()
                continue
            for name, text in built(path, "*.asl.json"):
                if text:
                    found[name] = text
                else:
                    broken.append(name)
    return found, broken


def everything():
    return [ROOT / "examples", ROOT / "tests" / "cases", ROOT / "tests" / "conformance"]


def main(arguments):
    machines, broken = machines_of([Path(argument) for argument in arguments] or everything())
    failed = len(broken)
    for name in broken:
        print(f"FAIL {name}\n     is not built")
    for name, faults in judge(machines).items():
        failed += bool(faults)
        print(f"{'FAIL' if faults else 'ok  '} {name}")
        for fault in faults:
            print(f"     {fault}")
    print(f"{len(machines) + len(broken) - failed} passed, {failed} failed")
    return 1 if failed or not machines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
