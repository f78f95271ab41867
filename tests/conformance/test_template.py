"""CloudFormation's own checks find nothing in any template: those of the examples and the golden ones, in three regions."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from check import ROOT, compiler

REGIONS = ["eu-west-1", "us-east-1", "ap-southeast-2"]
# Cases about what the checks do not know, or do not like, and why.
SKIPPED = {
    "a-property-that-is-newer-than-the-facts": "names a property that nobody knows",
}


def lint(templates):
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--regions", *REGIONS, "--template", *map(str, templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout or "[]")
    return [f"{Path(row['Filename']).name}: {row['Rule']['Id']} {row['Message']} at {row['Location'].get('Path')}" for row in found]


def examples():
    return sorted(path.parent for path in (ROOT / "examples").glob("*/main.mlflow"))


def golden():
    files = sorted((ROOT / "tests/cases/stack").glob("*.template.json"))
    return [path for path in files if path.name.removesuffix(".template.json") not in SKIPPED]


def test_golden_templates_are_clean():
    templates = golden()
    assert templates
    assert lint(templates) == []


@pytest.mark.parametrize("project", examples(), ids=lambda path: path.name)
def test_templates_of_examples_are_clean(project, tmp_path):
    command = [*compiler(), "build", str(project), "--output", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    templates = sorted(tmp_path.glob("*/template.json"))
    assert templates
    assert lint(templates) == []


def test_a_fault_is_noticed(tmp_path):
    document = json.loads(golden()[0].read_text())
    first = next(iter(document["Resources"].values()))
    first["Type"] = "AWS::SNS::Topik"
    wrong = tmp_path / "template.json"
    wrong.write_text(json.dumps(document))
    assert any("AWS::SNS::Topik" in line for line in lint([wrong]))
