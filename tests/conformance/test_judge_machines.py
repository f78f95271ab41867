"""The judges of machines judged: they let a right machine pass, and notice each kind of fault; and what is built passes."""

import json
from pathlib import Path

import pytest
from judge_machines import everything, judge, machines_of

GATE = Path(__file__).resolve().parent / "machines" / "gate.asl.json"


def faults_of(change):
    machine = json.loads(GATE.read_text())
    change(machine)
    return judge({"gate": json.dumps(machine, indent=2)})["gate"]


def test_a_right_machine_passes():
    assert faults_of(lambda machine: None) == []


@pytest.mark.parametrize(
    ("change", "judge_of_it"),
    [
        (lambda machine: machine["States"]["fit"].update(Next="scor"), "language service"),
        (lambda machine: machine["States"].update(lost={"Type": "Succeed"}), "language service"),
        (lambda machine: machine["States"]["gate"].update(End=True), "language service"),
        (lambda machine: machine["States"]["keep"].update(Type="Suceed"), "cfn-lint"),
        (lambda machine: machine.pop("StartAt"), "cfn-lint"),
        (lambda machine: machine["States"]["fit"].update(ResultPath="$.x"), "cfn-lint"),
    ],
)
def test_a_fault_is_noticed(change, judge_of_it):
    assert any(fault.startswith(judge_of_it) for fault in faults_of(change)), faults_of(change)


def test_what_is_no_json_is_a_fault():
    assert judge({"broken": "{"})["broken"][0].startswith("no JSON")


def test_every_machine_that_is_built_passes():
    machines, broken = machines_of(everything())
    assert not broken
    assert len(machines) > 5
    faults = [f"{name}: {fault}" for name, found in judge(machines).items() for fault in found]
    assert not faults, "\n" + "\n".join(faults)
