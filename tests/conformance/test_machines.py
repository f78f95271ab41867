"""Every machine does what its cases say, and the runner notices when one does not."""

import copy
from pathlib import Path

import pytest
from machine_calls import judge
from machine_execution import Execution, Unforeseen
from machine_interpreter import execute
from machine_runner import files, load, machine_of, run, states
from run_machines import TESTS, check

OWN = Path(__file__).resolve().parent / "machines"
CASES = TESTS / "cases"


def runs_of(folder):
    for file in files(folder):
        yield from (pytest.param(file, title, id=f"{file.name.removesuffix('.runs.yaml')}: {title}") for title in load(file)[1]["runs"])


@pytest.mark.parametrize(("file", "title"), [*runs_of(OWN), *runs_of(CASES)])
def test_a_run_goes_as_its_case_says(file, title):
    definition, document = load(file)
    _, differences = run(definition, document["runs"][title])
    assert not differences, "\n" + "\n".join(differences)


@pytest.mark.parametrize("file", [*files(OWN), *files(CASES)], ids=lambda file: file.name)
def test_every_state_is_entered_by_some_run(file):
    lines = []
    passed, failed = check(file, show=lines.append)
    assert passed and not failed, "\n" + "\n".join(lines)


def gate(**changes):
    """A run of the gate that goes as expected, and what is changed of it."""
    definition, document = load(OWN / "gate.runs.yaml")
    case = copy.deepcopy(document["runs"]["the score passes"])
    case.update(changes)
    return definition, case


def differences(definition, case):
    return run(definition, case)[1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"path": ["fit", "score", "gate", "reject"]}, "path: expected fit → score → gate → reject"),
        ({"status": "FAILED"}, 'status: expected "FAILED", is "SUCCEEDED"'),
        ({"output": {"model": "s3://acme-ml/execution-1/model.tar.gz", "kept": 1}}, "output.kept: expected 1, is true"),
        ({"results": {}}, "no result is given for `fit`"),
        ({"seconds": 3}, "seconds: expected 3, is 0"),
        ({"outputs": 1}, "the case says `outputs`, which means nothing"),
        ({"arguments": {}}, "arguments: nothing is said of `fit`"),
        ({"input": {"instance": "ml.m5.xlarge"}}, "path: expected"),
        ({"input": {"least": 0.1}}, "no result is given for `tell`"),
    ],
)
def test_a_difference_is_told(changes, said):
    found = differences(*gate(**changes))
    assert any(line.startswith(said) for line in found), found


def test_a_result_that_nobody_takes_is_told():
    definition, case = gate()
    case["results"]["tell"] = {"return": {}}
    assert "results: `tell` is called 0 times, and there are 1 results" in differences(definition, case)


def test_an_argument_that_differs_is_told_by_its_place():
    definition, case = gate()
    case["arguments"] = copy.deepcopy(case["arguments"])
    case["arguments"]["fit"]["ResourceConfig"]["VolumeSizeInGB"] = 31
    assert "arguments of fit.ResourceConfig.VolumeSizeInGB: expected 31, is 30" in differences(definition, case)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda states: states["fit"]["Arguments"].update(TrainingJobNam="x"), "there is no member `TrainingJobNam`"),
        (lambda states: states["fit"]["Arguments"].pop("RoleArn"), 'Missing required parameter in input: "RoleArn"'),
        (lambda states: states["fit"].update(Resource="arn:aws:states:::sagemaker:startPipelineExecution.sync"), "no optimised integration"),
        (lambda states: states["score"].update(Resource="arn:aws:states:::lambda:invoke.sync"), "has no `.sync`"),
        (lambda states: states["score"].update(Resource="arn:aws:states:::aws-sdk:lambda:invoke.sync"), "has no `.sync`"),
    ],
)
def test_a_call_that_step_functions_cannot_make_is_told(change, said):
    definition, case = gate()
    change(definition["States"])
    found = differences(definition, case)
    assert any(said in line for line in found), found


def machine(*chain, **more):
    """States one after the other."""
    states = {name: {**state, **({"Next": chain[at + 1][0]} if at + 1 < len(chain) else {"End": True})} for at, (name, state) in enumerate(chain)}
    return {"QueryLanguage": "JSONata", "StartAt": chain[0][0], "States": states, **more}


def outcome(definition, **case):
    execution, found = run(definition, {"path": [], "arguments": {}, "status": "", **case})
    return execution, found


def value(expression, given=None, **variables):
    """What an expression gives as the output of a machine."""
    definition = machine(
        ("set", {"Type": "Pass", "Assign": {name: one for name, one in variables.items()} or {"none": 0}}),
        ("get", {"Type": "Pass", "Output": "{% " + expression + " %}"}),
    )
    return execute(Execution(definition, {} if given is None else given, None, {}))


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$random() < 1 and $random(3) = $random(3)", True),
        ("$length($uuid())", 36),
        ("$states.context.Execution.Input.a", None),
        ("6 / 4", 1.5),
        ("6 / 3", 2),
        ("$text & '\"' & $list[1]", 'say "so"2'),
        ("$map($list, function($v, $i) { $v * $i })", [0, 2, 6]),
        ("$list[$ > 1]", [2, 3]),
        ("$fromMillis($millis())", "2026-01-01T00:00:00.000Z"),
    ],
)
def test_expressions_mean_what_they_say(expression, wanted):
    found = value(expression, {"a": None}, text='say "so', list=[1, 2, 3])
    assert found == {"status": "SUCCEEDED", "output": wanted}


@pytest.mark.parametrize(
    "expression", ["$nowhere", "$states.input.b", "$eval('1')", "1 +", "'a' + 1", "$states.result", "function($x) { $x }", "$x.y"]
)
def test_an_expression_without_a_value_fails_the_state(expression):
    found = value(expression, {"a": None})
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")


def test_a_field_sees_what_was_assigned_before_its_state():
    definition = machine(
        ("first", {"Type": "Pass", "Assign": {"a": 1, "b": 2}}),
        ("second", {"Type": "Pass", "Assign": {"a": "{% $b %}", "b": "{% $a %}"}, "Output": "{% [$a, $b] %}"}),
        ("third", {"Type": "Pass", "Output": "{% [$states.input, $a, $b] %}"}),
    )
    execution, _ = outcome(definition)
    assert execute(execution)["output"] == [1, 2, 2, 1]


def test_a_branch_reads_outer_variables_and_must_not_assign_them():
    def parallel(inner):
        branch = {"StartAt": "in", "States": {"in": {"Type": "Pass", **inner, "End": True}}}
        return machine(("set", {"Type": "Pass", "Assign": {"a": 1}}), ("both", {"Type": "Parallel", "Branches": [branch]}))

    execution, _ = outcome(parallel({"Output": "{% $a + 1 %}"}))
    assert execute(execution)["output"] == [2]
    _, found = outcome(parallel({"Assign": {"a": 2}}))
    assert "`in` assigns `a`, which belongs to an outer scope" in found


def test_what_a_branch_assigns_stays_in_it():
    branch = {"StartAt": "in", "States": {"in": {"Type": "Pass", "Assign": {"inner": 1}, "End": True}}}
    definition = machine(("both", {"Type": "Parallel", "Branches": [branch]}), ("read", {"Type": "Pass", "Output": "{% $inner %}"}))
    execution, _ = outcome(definition)
    assert execute(execution)["error"] == "States.QueryEvaluationError"


def test_a_child_of_a_distributed_map_has_its_own_input_and_no_variables():
    def over(output):
        inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "in"}
        inner["States"] = {"in": {"Type": "Pass", "Output": output, "End": True}}
        return machine(("set", {"Type": "Pass", "Assign": {"a": 1}}), ("each", {"Type": "Map", "Items": [5, 6], "ItemProcessor": inner}))

    execution, _ = outcome(over("{% $states.context.Execution.Input %}"), input={"x": 1})
    assert execute(execution)["output"] == [5, 6]
    execution, _ = outcome(over("{% $a %}"))
    assert execute(execution)["error"] == "States.ExceedToleratedFailureThreshold"


def test_a_rule_to_the_default_state_does_not_take_the_default_assignments():
    choice = {"Type": "Choice", "Choices": [{"Condition": True, "Next": "end", "Assign": {"by": "rule"}}], "Default": "end", "Assign": {"by": "default"}}
    definition = {
        "QueryLanguage": "JSONata", "StartAt": "which",
        "States": {"which": choice, "end": {"Type": "Succeed", "Output": "{% $by %}"}},
    }
    execution, _ = outcome(definition)
    assert execute(execution)["output"] == "rule"


@pytest.mark.parametrize(
    ("error", "names", "caught"),
    [
        ("Any", ["States.ALL"], True), ("Any", ["States.TaskFailed"], True), ("Any", ["Any"], True), ("Any", ["Other"], False),
        ("States.Timeout", ["States.TaskFailed"], False), ("States.HeartbeatTimeout", ["States.Timeout"], True),
        ("States.Timeout", ["States.ALL"], True), ("States.Runtime", ["States.ALL"], False),
        ("States.DataLimitExceeded", ["States.ALL"], False), ("States.TaskFailed", ["States.TaskFailed"], True),
    ],
)
def test_a_catcher_catches_what_it_names(error, names, caught):
    definition = machine(
        ("do", {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"},
            "Catch": [{"ErrorEquals": names, "Next": "end"}],
        }),
        ("end", {"Type": "Succeed"}),
    )  # fmt: skip
    del definition["States"]["end"]["End"]
    execution, _ = outcome(definition, results={"do": {"error": error, "cause": "so"}})
    found = execute(execution)
    assert found["status"] == ("SUCCEEDED" if caught else "FAILED")
    if caught:
        assert found["output"] == {"Error": error, "Cause": "so"}


def test_a_result_beyond_the_limit_fails():
    definition = machine(("do", {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"}}))
    execution, _ = outcome(definition, results={"do": {"return": {"Payload": "x" * 300_000}}})
    assert execute(execution)["error"] == "States.DataLimitExceeded"


def test_every_state_is_named():
    definition, _ = load(OWN / "nested_parallel.runs.yaml")
    assert set(states(definition)) == {"outer", "left", "one", "two", "after two", "right", "sum", "instead"}


def test_a_case_belongs_to_a_machine():
    with pytest.raises(Unforeseen):
        machine_of(OWN / "nothing.runs.yaml", None)


@pytest.mark.parametrize(
    ("resource", "arguments"),
    [
        ("arn:aws:states:::lambda:invoke", {"FunctionName": "f", "Payload": {"a": 1}}),
        ("arn:aws:states:::sns:publish.waitForTaskToken", {"TopicArn": "t", "Message": {"a": 1}}),
        ("arn:aws:states:::aws-sdk:redshiftdata:executeStatement", {"Sql": "select 1", "Database": "d"}),
        ("arn:aws:states:::aws-sdk:sagemaker:describeEndpoint", {"EndpointName": "live"}),
        ("arn:aws:states:::elasticmapreduce:terminateCluster.sync", {"ClusterId": "j-1"}),
        ("arn:aws:states:::events:putEvents", {"Entries": [{"Detail": {"a": 1}, "DetailType": "x", "Source": "y"}]}),
        ("arn:aws:states:eu-west-1:111122223333:activity:people", {"a": 1}),
    ],
)
def test_calls_that_exist_pass(resource, arguments):
    assert judge(resource, arguments) == []
