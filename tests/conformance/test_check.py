"""The judges judged: they let a right definition pass, and notice each kind of fault when it is put into it."""

import copy

import pytest
from check import check, everything, judge


def get(path):
    return {"Get": path}


def processing(name, **more):
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}},
            "AppSpecification": {
                "ImageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/work:1",
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/work.py"],
            },
            "ProcessingInputs": [
                {
                    "InputName": "raw",
                    "S3Input": {
                        "S3Uri": get("Parameters.data"), "LocalPath": "/opt/ml/processing/raw",
                        "S3DataType": "S3Prefix", "S3InputMode": "File",
                    },
                }
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "report",
                        "S3Output": {
                            "S3Uri": "s3://acme-ml/report", "LocalPath": "/opt/ml/processing/report", "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
        },
        "PropertyFiles": [{"PropertyFileName": "report", "OutputName": "report", "FilePath": "report.json"}],
        **more,
    }


REPORT = "Steps.prepare.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"
MODEL = "Steps.fit.ModelArtifacts.S3ModelArtifacts"
CONTAINER = {"Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/serve:1", "ModelDataUrl": get(MODEL)}


def sample():
    """A definition with a step of most sorts, and nothing wrong with it."""
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [
            {"Name": "data", "Type": "String", "DefaultValue": "s3://acme-ml/raw"},
            {"Name": "depth", "Type": "Integer", "DefaultValue": 5},
            {"Name": "stage", "Type": "String", "DefaultValue": "dev", "EnumValues": ["dev", "prod"]},
            {"Name": "names", "Type": "String", "DefaultValue": '["a"]'},
        ],
        "PipelineExperimentConfig": {"ExperimentName": get("Execution.PipelineName"), "TrialName": "one"},
        "Steps": [
            processing("prepare", CacheConfig={"Enabled": True, "ExpireAfter": "P30D"}),
            {
                "Name": "fit",
                "Type": "Training",
                "DependsOn": ["prepare"],
                "Arguments": {
                    "AlgorithmSpecification": {
                        "TrainingImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/fit:1", "TrainingInputMode": "File",
                    },
                    "InputDataConfig": [
                        {
                            "ChannelName": "train",
                            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": get(REPORT)}},
                        }
                    ],
                    "OutputDataConfig": {"S3OutputPath": "s3://acme-ml/models"},
                    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
                    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
                    "HyperParameters": {"max_depth": {"Std:Join": {"On": "", "Values": [get("Parameters.depth")]}}},
                },
                "RetryPolicies": [{"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "MaxAttempts": 3}],
            },
            {
                "Name": "gate",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": [
                        {
                            "Type": "LessThan",
                            "LeftValue": {
                                "Std:JsonGet": {"PropertyFile": get("Steps.prepare.PropertyFiles.report"), "Path": "error"}
                            },
                            "RightValue": 1.5,
                        }
                    ],
                    "IfSteps": [
                        {"Name": "model", "Type": "Model", "Arguments": {"PrimaryContainer": CONTAINER}},
                        {
                            "Name": "register",
                            "Type": "RegisterModel",
                            "Arguments": {
                                "ModelPackageGroupName": "acme",
                                "ModelApprovalStatus": "Approved",
                                "InferenceSpecification": {
                                    "Containers": [CONTAINER],
                                    "SupportedContentTypes": ["text/csv"],
                                    "SupportedResponseMIMETypes": ["text/csv"],
                                },
                            },
                        },
                    ],
                    "ElseSteps": [{"Name": "stop", "Type": "Fail", "Arguments": {"ErrorMessage": "The error is too large"}}],
                },
            },
            {
                "Name": "tell",
                "Type": "Lambda",
                "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:tell",
                "Arguments": {"model": get(MODEL)},
                "OutputParameters": [{"OutputName": "verdict", "OutputType": "String"}],
            },
            {
                "Name": "ask",
                "Type": "Callback",
                "SqsQueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/ask",
                "Arguments": {"verdict": get("Steps.tell.OutputParameters['verdict']")},
                "OutputParameters": [],
            },
            {
                "Name": "loop",
                "Type": "ForEach",
                "Arguments": {
                    "IterableItems": get("Parameters.names"),
                    "MaxConcurrency": 2,
                    "ForEachBody": [
                        {
                            "Name": "each_one",
                            "Type": "Lambda",
                            "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:tell",
                            "Arguments": {"name": get("ForEach.CurrentItem")},
                            "OutputParameters": [],
                        }
                    ],
                },
            },
        ],
    }


def at(document, path):
    """The value at a path; numbers are places in lists."""
    for part in path.split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def put(path, value):
    def change(document):
        folder, _, key = path.rpartition("/")
        target = at(document, folder) if folder else document
        target[int(key) if isinstance(target, list) else key] = value

    return change


def drop(path):
    def change(document):
        folder, _, key = path.rpartition("/")
        del at(document, folder)[key]

    return change


def add(path, value):
    return lambda document: at(document, path).append(value)


PREPARE, FIT, GATE, TELL, ASK, LOOP = (f"Steps/{index}" for index in range(6))
CLUSTER = f"{PREPARE}/Arguments/ProcessingResources/ClusterConfig"

FAULTS = {
    # The form of a definition.
    "another version": (put("Version", "2021-01-01"), "schema: Version"),
    "no steps": (put("Steps", []), "schema"),
    "a member that definitions do not have": (put("Triggers", []), "Triggers"),
    "a type of step that there is none of": (put(f"{PREPARE}/Type", "Processor"), "Processor"),
    "a member that the step does not have": (put(f"{PREPARE}/Timeout", 5), "Timeout"),
    "a name with a space": (put(f"{ASK}/Name", "ask them"), "ask them"),
    "a default of another type": (put("Parameters/1/DefaultValue", "five"), "Parameters/1"),
    "a default that is no choice": (put("Parameters/2/DefaultValue", "test"), "choices"),
    "a parameter declared twice": (add("Parameters", {"Name": "data", "Type": "String"}), "declared twice"),
    "a comparison that there is none of": (put(f"{GATE}/Arguments/Conditions/0/Type", "Below"), "schema"),
    "a variable in a place of literals": (put(f"{TELL}/FunctionArn", get("Parameters.data")), "written out"),
    "a join with an operation inside": (put(f"{ASK}/Arguments/verdict", {"Std:Join": {"On": "", "Values": [{"Std:Plus": []}]}}), "Std:Join"),
    # Names, references and order.
    "two steps of one name": (put(f"{ASK}/Name", "tell"), "two steps"),
    "two steps of one name in different branches": (put(f"{GATE}/Arguments/ElseSteps/0/Name", "model"), "two steps"),
    "a parameter that is not declared": (put(f"{ASK}/Arguments/verdict", get("Parameters.verdict")), "no parameter"),
    "a step that is not there": (put(f"{ASK}/Arguments/verdict", get("Steps.nobody.TrainingJobArn")), "no step"),
    "a wait for a step that is not there": (put(f"{FIT}/DependsOn", ["nobody"]), "no step"),
    "a property that the step does not have": (put(f"{ASK}/Arguments/verdict", get("Steps.fit.ModelArtifacts.Uri")), "has no"),
    "a property that is no single value": (put(f"{ASK}/Arguments/verdict", get("Steps.fit.ModelArtifacts")), "has no"),
    "a result that the function does not give": (put(f"{TELL}/OutputParameters/0/OutputName", "answer"), "has no output"),
    "a property file that is not declared": (put(f"{PREPARE}/PropertyFiles/0/PropertyFileName", "other"), "no property file"),
    "a property file of no output": (put(f"{PREPARE}/PropertyFiles/0/OutputName", "other"), "no output"),
    "a property file of a training": (
        put(f"{GATE}/Arguments/Conditions/0/LeftValue/Std:JsonGet/PropertyFile", get("Steps.fit.PropertyFiles.report")),
        "no property file of a Processing step",
    ),
    "steps that wait for each other": (put(f"{PREPARE}/DependsOn", ["fit"]), "waits for itself"),
    "a gate that waits for its own branch": (put(f"{GATE}/DependsOn", ["model"]), "waits for itself"),
    "a read from the other branch": (
        put(f"{GATE}/Arguments/ElseSteps/0/Arguments/ErrorMessage", get("Steps.model.ModelName")), "other branch",
    ),
    "a read from a loop's body": (put(f"{ASK}/DependsOn", ["each_one"]), "stands in a loop"),
    "a loop's item outside of it": (put(f"{ASK}/Arguments/verdict", get("ForEach.CurrentItem")), "outside of a loop"),
    "turns of a loop that write to the same place": (
        add(f"{LOOP}/Arguments/ForEachBody", processing("each_report")), "same place",
    ),
    "a failure inside a loop": (
        add(f"{LOOP}/Arguments/ForEachBody", {"Name": "no", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}), "in a loop",
    ),
    "a variable of the execution that there is none of": (put(f"{ASK}/Arguments/verdict", get("Execution.Name")), "no variable"),
    "a job's name outside of that job": (put(f"{ASK}/Arguments/verdict", get("Execution.TrainingJobName")), "Training step only"),
    # Caches and repeated tries.
    "a cached registration": (put(f"{GATE}/Arguments/IfSteps/1/CacheConfig", {"Enabled": True}), "CacheConfig"),
    "a time that is none": (put(f"{PREPARE}/CacheConfig/ExpireAfter", "30 days"), "30 days"),
    "a function that is tried again": (put(f"{TELL}/RetryPolicies", [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2}]), "RetryPolicies"),
    "two ends of trying": (put(f"{FIT}/RetryPolicies/0/ExpireAfterMin", 5), "either MaxAttempts or ExpireAfterMin"),
    "an exception that there is none of": (put(f"{FIT}/RetryPolicies/0/ExceptionType", ["SageMaker.SLOW"]), "SageMaker.SLOW"),
    # Requests.
    "a member that the request lacks": (drop(f"{PREPARE}/Arguments/AppSpecification"), "AppSpecification"),
    "a member that the request does not know": (put(f"{CLUSTER}/Cores", 4), "Cores"),
    "a member deep inside that it does not know": (
        put(f"{GATE}/Arguments/IfSteps/1/Arguments/InferenceSpecification/Containers/0/Uri", "x"), "Uri",
    ),
    "text for a number": (put(f"{CLUSTER}/InstanceCount", "1"), "InstanceCount"),
    "a number for text": (put(f"{FIT}/Arguments/HyperParameters/max_depth", 5), "max_depth"),
    "an integer parameter for text": (put(f"{FIT}/Arguments/HyperParameters/max_depth", get("Parameters.depth")), "an integer"),
    "a text parameter for a number": (put(f"{CLUSTER}/InstanceCount", get("Parameters.data")), "InstanceCount"),
    "a number below the least": (put(f"{CLUSTER}/VolumeSizeInGB", 0), "VolumeSizeInGB"),
    "a number above the greatest": (put(f"{CLUSTER}/InstanceCount", 101), "InstanceCount"),
    "a choice that there is none of": (put(f"{CLUSTER}/InstanceType", "ml.m5.huge"), "InstanceType"),
    "text of another form": (put(f"{GATE}/Arguments/IfSteps/1/Arguments/ModelPackageGroupName", "acme models"), "acme models"),
    "text that is too long": (put(f"{PREPARE}/Arguments/AppSpecification/ContainerEntrypoint/0", "x" * 257), "257 characters"),
    "a list that is too long": (
        put(f"{PREPARE}/Arguments/AppSpecification/ContainerArguments", ["x"] * 101), "101 elements",
    ),
    "an empty list where one is needed": (put(f"{PREPARE}/Arguments/AppSpecification/ContainerEntrypoint", []), "ContainerEntrypoint"),
    "a variable for a list": (put(f"{PREPARE}/Arguments/ProcessingInputs", get("Parameters.data")), "wants a list"),
    "a member that pipelines refuse": (
        put(f"{GATE}/Arguments/IfSteps/1/Arguments/CertifyForMarketplace", True), "CertifyForMarketplace",
    ),
    "two inputs of one name": (
        lambda document: at(document, f"{PREPARE}/Arguments/ProcessingInputs").append(
            copy.deepcopy(at(document, f"{PREPARE}/Arguments/ProcessingInputs/0"))
        ),
        "stands there twice",
    ),
}


def test_a_right_definition_passes():
    assert judge(sample()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(fault):
    change, sign = FAULTS[fault]
    document = copy.deepcopy(sample())
    change(document)
    found = judge(document)
    assert any(sign in line for line in found), found


def test_what_is_built_passes():
    lines = []
    passed, failed = check(everything(), lines.append)
    assert passed and not failed, "\n".join(lines)
