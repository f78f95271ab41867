"""Judges the requests of steps by botocore's own descriptions of the services."""

from functools import lru_cache

import botocore.session
import regex
from botocore.validate import ParamValidator

# Step type: service, operation, members that the step may leave out, members that a pipeline refuses.
CALLS = {
    "Processing": ("sagemaker", "CreateProcessingJob", {"ProcessingJobName", "RoleArn"}, set()),
    "QualityCheck": ("sagemaker", "CreateProcessingJob", {"ProcessingJobName", "RoleArn"}, set()),
    "ClarifyCheck": ("sagemaker", "CreateProcessingJob", {"ProcessingJobName", "RoleArn"}, set()),
    "Training": ("sagemaker", "CreateTrainingJob", {"TrainingJobName", "RoleArn"}, set()),
    "Tuning": ("sagemaker", "CreateHyperParameterTuningJob", {"HyperParameterTuningJobName", "RoleArn"}, set()),
    "Transform": ("sagemaker", "CreateTransformJob", {"TransformJobName"}, set()),
    "Model": ("sagemaker", "CreateModel", {"ModelName", "ExecutionRoleArn"}, set()),
    "RegisterModel": ("sagemaker", "CreateModelPackage", set(), {"CertifyForMarketplace", "ModelPackageName"}),
    "AutoML": (
        "sagemaker", "CreateAutoMLJob", {"AutoMLJobName", "RoleArn"},
        {"ModelDeployConfig", "GenerateCandidateDefinitionsOnly"},
    ),
    "EndpointConfig": ("sagemaker", "CreateEndpointConfig", {"EndpointConfigName"}, {"DataCaptureConfig", "ExplainerConfig"}),
    "Endpoint": ("sagemaker", "CreateEndpoint", set(), {"DeploymentConfig"}),
    "InferenceComponent": ("sagemaker", "CreateInferenceComponent", set(), set()),
    "Job": ("sagemaker", "CreateJob", {"JobName", "RoleArn"}, set()),
    "BedrockCustomModel": ("bedrock", "CreateCustomModel", {"clientRequestToken"}, set()),
    "BedrockCustomModelDeployment": ("bedrock", "CreateCustomModelDeployment", {"clientRequestToken"}, set()),
    "BedrockModelImport": ("bedrock", "CreateModelImportJob", {"clientRequestToken"}, set()),
    "BedrockProvisionedModelThroughput": ("bedrock", "CreateProvisionedModelThroughput", {"clientRequestToken"}, set()),
}

SCALARS = {"string", "integer", "long", "float", "double", "boolean", "timestamp", "blob"}
PARAMETERS = {"String": "text", "Integer": "an integer", "Float": "a number", "Boolean": "a truth value"}
TAKES = {
    "string": {"String"}, "integer": {"Integer"}, "long": {"Integer"}, "float": {"Integer", "Float"},
    "double": {"Integer", "Float"}, "boolean": {"Boolean"},
}


class Text(str):
    """Text that stands for a value of run time: no limit is known to be broken."""


class Number(int):
    """A number that stands for a value of run time."""


@lru_cache
def model(service):
    return botocore.session.get_session().get_service_model(service)


def shape(service, name):
    return model(service).shape_for(name)


def is_variable(value):
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Get", "Std:Join", "Std:JsonGet")


def is_open(value):
    """Text with names that CloudFormation fills in: its length and form are not known here."""
    return isinstance(value, str) and "${" in value


class Requests:
    def __init__(self, parameters):
        self.parameters = parameters
        self.faults = []

    def fault(self, path, text):
        self.faults.append(f"{path}: {text}")

    def judge(self, step):
        """The faults of a step's arguments."""
        self.faults = []
        arguments, type_ = step.get("Arguments", {}), step["Type"]
        if type_ in CALLS:
            service, operation, left_out, refused = CALLS[type_]
            for member in refused & set(arguments):
                self.fault(member, "a pipeline refuses this member")
            if type_ == "Job":
                arguments = {key: value for key, value in arguments.items() if key != "VpcConfig"}
            self.request(model(service).operation_model(operation).input_shape, arguments, "", left_out)
        elif type_ == "EMR":
            self.request(shape("emr", "StepConfig"), arguments.get("StepConfig", {}), "StepConfig", {"Name"})
            if "ClusterConfig" in arguments:
                config = arguments["ClusterConfig"]
                for member in {"Name", "Steps", "AutoTerminationPolicy"} & set(config):
                    self.fault(f"ClusterConfig.{member}", "the service sets this member itself")
                self.request(shape("emr", "RunJobFlowInput"), config, "ClusterConfig", {"Name"})
        elif type_ == "EMRServerless":
            own = {"clientToken", "applicationId", "executionRoleArn"}
            self.request(shape("emr-serverless", "StartJobRunRequest"), arguments.get("JobConfig", {}), "JobConfig", own)
            if "ApplicationConfig" in arguments:
                config = arguments["ApplicationConfig"]
                self.request(shape("emr-serverless", "CreateApplicationRequest"), config, "ApplicationConfig", own)
        elif type_ == "Lineage":
            for member, entity in (("Actions", "Action"), ("Artifacts", "Artifact"), ("Contexts", "Context")):
                for index, value in enumerate(arguments.get(member, [])):
                    self.request(shape("sagemaker", f"Create{entity}Request"), value, f"{member}[{index}]", set())
        return self.faults

    def request(self, top, value, path, left_out):
        if not isinstance(value, dict):
            self.fault(path, "an object is needed")
            return
        given = self.substitute(top, value, path, left_out)
        report = ParamValidator().validate(given, top)
        self.faults.extend(line for line in report.generate_report().splitlines() if line)

    def substitute(self, shape, value, path, left_out=frozenset()):
        """The value with something of the right type for what is known later, and for what is left out."""
        kind = shape.type_name
        if is_variable(value):
            return self.variable(shape, value, path)
        if kind == "structure" and isinstance(value, dict):
            names = {name.lower(): name for name in shape.members}
            given = {}
            for key, inner in value.items():
                # Some services write members with a small first letter; a pipeline writes them with a capital one.
                name = key if key in shape.members else names.get(key.lower(), key)
                place = f"{path}.{name}" if path else name
                given[name] = self.substitute(shape.members[name], inner, place, left_out) if name in shape.members else inner
            for name in set(shape.required_members) & left_out - set(given):
                given[name] = self.dummy(shape.members[name])
            return given
        if kind == "list" and isinstance(value, list):
            self.limits(shape, len(value), path, "elements")
            return [self.substitute(shape.member, inner, f"{path}[{index}]", left_out) for index, inner in enumerate(value)]
        if kind == "map" and isinstance(value, dict):
            self.limits(shape, len(value), path, "entries")
            given = {}
            for key, inner in value.items():
                self.scalar(shape.key, key, f"{path} (key {key})")
                given[key] = self.substitute(shape.value, inner, f"{path}.{key}")
            return given
        self.scalar(shape, value, path)
        return Text(value + "x" * 80) if is_open(value) else value

    def variable(self, shape, value, path):
        if shape.type_name not in SCALARS:
            self.fault(path, f"a variable stands where the service wants a {shape.type_name}")
            return {} if shape.type_name in ("map", "structure") else []
        get = value.get("Get", "")
        if isinstance(get, str) and get.startswith("Parameters."):
            type_ = self.parameters.get(get.removeprefix("Parameters."))
            if type_ and type_ not in TAKES.get(shape.type_name, set(PARAMETERS)):
                self.fault(path, f"`{get}` is {PARAMETERS[type_]}, and a {shape.type_name} is needed")
        if "Std:Join" in value and shape.type_name != "string":
            self.fault(path, f"a Std:Join is text, and a {shape.type_name} is needed")
        return self.dummy(shape)

    def dummy(self, shape):
        least = shape.metadata.get("min", 1)
        return {
            "string": Text("x" * max(int(least), 1)), "boolean": True, "timestamp": "2020-01-01", "blob": b"x",
            "structure": {}, "list": [], "map": {},
        }.get(shape.type_name, Number(max(int(least), 1)))

    def limits(self, shape, size, path, what):
        most = shape.metadata.get("max")
        if most is not None and size > most:
            self.fault(path, f"{size} {what}, and {most} at most are taken")
        least = shape.metadata.get("min")
        if least is not None and size < least and what != "characters":
            self.fault(path, f"{size} {what}, and {least} at least are needed")

    def scalar(self, shape, value, path):
        """What botocore leaves to the service: choices, patterns, the upper limits."""
        if isinstance(value, str) and shape.type_name == "string" and not is_open(value):
            choices = getattr(shape, "enum", [])
            if choices and value not in choices:
                self.fault(path, f"`{value}` is none of {', '.join(choices[:8])}{' …' if len(choices) > 8 else ''}")
            self.limits(shape, len(value), path, "characters")
            pattern = compiled(shape.metadata.get("pattern"))
            if pattern and not pattern.fullmatch(value):
                self.fault(path, f"`{value}` is not of the form {shape.metadata['pattern']}")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            most = shape.metadata.get("max")
            if most is not None and value > most:
                self.fault(path, f"{value} is more than {most}")


@lru_cache
def compiled(pattern):
    """A pattern of a service, if it is one that can be read."""
    if not pattern:
        return None
    try:
        return regex.compile(pattern, regex.VERSION0 | regex.DOTALL)
    except regex.error:
        return None
