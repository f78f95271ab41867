"""Judges what no schema can say: names, references, order, where which step may stand."""

import json
import re

from calls import is_variable, shape

DESCRIBES = {
    "Processing": ["DescribeProcessingJobResponse"],
    "Training": ["DescribeTrainingJobResponse"],
    "Tuning": ["DescribeHyperParameterTuningJobResponse", "ListTrainingJobsForHyperParameterTuningJobResponse"],
    "Transform": ["DescribeTransformJobResponse"],
    "Model": ["DescribeModelOutput"],
    "RegisterModel": ["DescribeModelPackageOutput"],
    "AutoML": ["DescribeAutoMLJobResponse"],
    "EndpointConfig": ["DescribeEndpointConfigOutput"],
    "Endpoint": ["DescribeEndpointOutput"],
    "InferenceComponent": ["DescribeInferenceComponentOutput"],
    "Job": ["DescribeJobResponse"],
}
BEDROCK = {
    "BedrockCustomModel": "GetCustomModelResponse",
    "BedrockCustomModelDeployment": "GetCustomModelDeploymentResponse",
    "BedrockModelImport": "GetModelImportJobResponse",
    "BedrockProvisionedModelThroughput": "GetProvisionedModelThroughputResponse",
}
# Paths that no description of a service holds.
OWN = {
    "QualityCheck": r"\.(Calculated|BaselineUsedForDriftCheck)(Baseline)?(Constraints|Statistics)",
    "ClarifyCheck": r"\.(CalculatedBaseline|BaselineUsedForDriftCheck)Constraints",
    "Condition": r"\.Outcome",
    "Lineage": r"\.(ActionArns|ArtifactArns|ContextArns)\['[^']+'\]|\.Associations.*",
    "ForEach": r"\.(Status|(Input|Total|Succeeded|Failed|Stopped)(Item|Step)Count)|\.IterationOutputs\[.*|\.Selected\..*",
    "AutoML": r"\.BestCandidateProperties\.(ModelInsights|Explainability)JsonReportPath",
    "EMR": r"\.ClusterId",
    "Job": r"\.JobConfigDocument\..*",
    "EMRServerless": r"\..*",
}
EXECUTION = {
    "StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn", "PipelineExecutionId", "PipelineExecutionArn",
    "TrainingJobName", "ProcessingJobName",
}
CACHED = {
    "Processing", "Training", "Tuning", "Transform", "AutoML", "QualityCheck", "ClarifyCheck", "Lambda", "Callback", "EMR",
    "EMRServerless", "EndpointConfig", "Endpoint", "Job",
}
JOBS = {"Processing", "Training", "Tuning", "Transform", "AutoML", "Job"}
RETRIED = JOBS | {"Model", "RegisterModel", "EMR", "EMRServerless", "EndpointConfig"}
EXCEPTIONS = {
    "Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT", "Emr.RESOURCE_LIMIT",
}
BRANCHES = {"IfSteps": "then", "ElseSteps": "else", "ForEachBody": "each"}
SEGMENT = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']*)'\]")
# The service takes `30d` for `P30D`, as public definitions show.
TIME = re.compile(r"P?(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", re.IGNORECASE)


class Graph:
    def __init__(self, document):
        self.document = document
        self.faults = []
        self.steps = {}
        self.places = {}
        self.parameters = {p.get("Name"): p for p in document.get("Parameters", [])}

    def fault(self, path, text):
        self.faults.append(f"{path}: {text}")

    def judge(self):
        self.collect(self.document.get("Steps", []), ())
        self.parameter_values()
        self.variables({k: v for k, v in self.document.items() if k not in ("Steps", "Parameters")}, "definition", None)
        edges = {}
        for name, step in self.steps.items():
            edges[name] = self.step(name, step)
        self.cycles(edges)
        return self.faults

    def collect(self, steps, place):
        for step in steps:
            name = step.get("Name", "")
            if name in self.steps:
                self.fault(name, "the name is used for two steps")
            self.steps[name] = step
            self.places[name] = place
            for key, word in BRANCHES.items():
                inner = step.get("Arguments", {}).get(key)
                if not isinstance(inner, list):
                    continue
                for child in inner:
                    if word == "each" and child.get("Type") in ("Condition", "Fail", "ForEach"):
                        self.fault(child.get("Name", ""), f"a {child['Type']} step stands in a loop")
                self.collect(inner, (*place, (name, word)))

    def parameter_values(self):
        names = [p.get("Name") for p in self.document.get("Parameters", [])]
        for name in {name for name in names if names.count(name) > 1}:
            self.fault(f"Parameters.{name}", "declared twice")
        for name, parameter in self.parameters.items():
            choices = parameter.get("EnumValues")
            if choices and "DefaultValue" in parameter and parameter["DefaultValue"] not in choices:
                self.fault(f"Parameters.{name}", "the default is none of the choices")

    def step(self, name, step):
        """The steps that a step waits for."""
        type_, arguments = step.get("Type"), step.get("Arguments", {})
        own = {k: v for k, v in step.items() if k not in ("Arguments", "DependsOn")}
        own["Arguments"] = {k: v for k, v in arguments.items() if k not in BRANCHES} if isinstance(arguments, dict) else arguments
        waits = self.variables(own, name, name)
        waits |= {place for place, _ in self.places[name][-1:]}
        for other in step.get("DependsOn", []):
            other = other if isinstance(other, str) else other.get("Step")
            if other not in self.steps:
                self.fault(f"{name}.DependsOn", f"there is no step `{other}`")
            else:
                self.reachable(name, other, f"{name}.DependsOn")
                waits.add(other)
        if "CacheConfig" in step:
            if type_ not in CACHED:
                self.fault(f"{name}.CacheConfig", f"a {type_} step is not cached")
            time = step["CacheConfig"].get("ExpireAfter")
            if time is not None and not TIME.fullmatch(time):
                self.fault(f"{name}.CacheConfig", f"`{time}` is no ISO 8601 duration")
        for policy in step.get("RetryPolicies", []):
            reasons = policy.get("ExceptionType", [])
            for reason in [reasons] if isinstance(reasons, str) else reasons:
                if reason not in EXCEPTIONS:
                    self.fault(f"{name}.RetryPolicies", f"there is no exception {reason}")
                elif type_ not in RETRIED or (reason.startswith("SageMaker.") and type_ not in JOBS):
                    self.fault(f"{name}.RetryPolicies", f"a {type_} step is not tried again on {reason}")
            if ("MaxAttempts" in policy) == ("ExpireAfterMin" in policy):
                self.fault(f"{name}.RetryPolicies", "either MaxAttempts or ExpireAfterMin is needed")
        for member in ("FunctionArn", "SqsQueueUrl"):
            if member in step and not isinstance(step[member], str):
                self.fault(f"{name}.{member}", "must be written out")
        outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", []) if isinstance(arguments, dict) else []
        if any(word == "each" for _, word in self.places[name]):
            for output in outputs:
                if "ForEach.CurrentItem" not in json.dumps(output.get("S3Output", {}).get("S3Uri", "ForEach.CurrentItem")):
                    self.fault(f"{name}.ProcessingOutputConfig", f"every turn writes `{output.get('OutputName')}` to the same place")
        for file in step.get("PropertyFiles", []):
            if file.get("OutputName") not in {output.get("OutputName") for output in outputs}:
                self.fault(f"{name}.PropertyFiles", f"there is no output `{file.get('OutputName')}`")
        for list_, key in (("ProcessingInputs", "InputName"), ("InputDataConfig", "ChannelName")):
            named = [x.get(key) for x in arguments.get(list_, []) if isinstance(x, dict) and key in x]
            for twice in {x for x in named if named.count(x) > 1}:
                self.fault(f"{name}.{list_}", f"`{twice}` stands there twice")
        folders = [x.get("S3Input", {}).get("LocalPath") for x in arguments.get("ProcessingInputs", []) if isinstance(x, dict)]
        for twice in {x for x in folders if x and folders.count(x) > 1}:
            self.fault(f"{name}.ProcessingInputs", f"two inputs lie in {twice}")
        return waits

    def variables(self, value, path, step):
        """Checks the variables in a value; the steps that it refers to."""
        found = set()
        if is_variable(value):
            key, inner = next(iter(value.items()))
            if key == "Get":
                return self.get(inner, path, step)
            if key == "Std:JsonGet" and "PropertyFile" in inner:
                return self.json_get(inner, path, step)
            if key == "Std:Join" and not all(is_variable(part) or not isinstance(part, (dict, list)) for part in inner["Values"]):
                self.fault(path, "a Std:Join takes single values and variables")
        if isinstance(value, dict):
            for key, inner in value.items():
                found |= self.variables(inner, f"{path}.{key}", step)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                found |= self.variables(inner, f"{path}[{index}]", step)
        return found

    def get(self, text, path, step):
        space, _, rest = text.partition(".") if isinstance(text, str) else ("", "", "")
        if space == "Parameters":
            if rest not in self.parameters:
                self.fault(path, f"there is no parameter `{rest}`")
        elif space == "Execution":
            only = {"TrainingJobName": "Training", "ProcessingJobName": "Processing"}.get(rest)
            if rest not in EXECUTION:
                self.fault(path, f"there is no variable Execution.{rest}")
            elif only and (step is None or self.steps[step]["Type"] != only):
                self.fault(path, f"Execution.{rest} is there in a {only} step only")
        elif space == "ForEach":
            if not any(word == "each" for _, word in self.places.get(step, ())) or not re.match(r"CurrentItem(?![A-Za-z])", rest):
                self.fault(path, f"`{text}` stands outside of a loop")
        elif space == "Steps":
            return self.property(rest, path, step)
        elif space not in ("PipelineExperimentConfig", "IterationOutput"):
            self.fault(path, f"`{text}` is not a path of a pipeline")
        return set()

    def property(self, rest, path, step):
        name = re.match(r"[A-Za-z0-9_-]*", rest)[0]
        tail = rest[len(name):]
        target = self.steps.get(name)
        if target is None:
            self.fault(path, f"there is no step `{name}`")
            return set()
        self.reachable(step, name, path)
        type_ = target["Type"]
        if type_ in ("Lambda", "Callback"):
            outputs = {output.get("OutputName") for output in target.get("OutputParameters", [])}
            asked = re.fullmatch(r"\.OutputParameters\['([^']*)'\]", tail)
            if not asked or asked[1] not in outputs:
                self.fault(path, f"`{name}` has no output `{tail}`")
            return {name}
        if type_ in OWN and re.fullmatch(OWN[type_], tail):
            return {name}
        roots = [shape("sagemaker", root) for root in DESCRIBES.get(type_, [])]
        if type_ in BEDROCK:
            roots = [shape("bedrock", BEDROCK[type_])]
        if type_ == "EMR":
            roots = [shape("emr", "Step")]
        if not any(ends_on_scalar(root, tail) for root in roots):
            self.fault(path, f"a {type_} step has no `{tail}` with one value")
        return {name}

    def json_get(self, inner, path, step):
        text = inner["PropertyFile"].get("Get", "") if isinstance(inner["PropertyFile"], dict) else ""
        match = re.fullmatch(r"Steps\.([A-Za-z0-9_-]+)\.PropertyFiles\.(.+)", text)
        target = self.steps.get(match[1]) if match else None
        if target is None or target["Type"] != "Processing":
            self.fault(path, f"`{text}` is no property file of a Processing step")
            return set()
        if match[2] not in {file.get("PropertyFileName") for file in target.get("PropertyFiles", [])}:
            self.fault(path, f"`{match[1]}` has no property file `{match[2]}`")
        self.reachable(step, match[1], path)
        return {match[1]}

    def reachable(self, step, other, path):
        """A step of the other branch never runs in the same execution; one of a loop's body cannot be seen from outside."""
        own, others = self.places.get(step, ()), self.places[other]
        for place in others:
            if place[1] == "each" and place not in own:
                self.fault(path, f"`{other}` stands in a loop")
            if place[1] in ("then", "else") and (place[0], "else" if place[1] == "then" else "then") in own:
                self.fault(path, f"`{other}` stands in the other branch")

    def cycles(self, edges):
        done, open_ = set(), []

        def visit(name):
            if name in done:
                return
            if name in open_:
                self.fault(name, f"waits for itself: {' → '.join([*open_[open_.index(name):], name])}")
                return
            open_.append(name)
            for other in sorted(edges.get(name, ())):
                visit(other)
            open_.pop()
            done.add(name)

        for name in edges:
            visit(name)


def ends_on_scalar(at, tail):
    position = 0
    while position < len(tail):
        match = SEGMENT.match(tail, position)
        if not match:
            return False
        member, index, key = match.groups()
        if at.type_name == "structure" and member:
            names = {name.lower(): name for name in at.members}
            if member.lower() not in names:
                return False
            at = at.members[names[member.lower()]]
        elif at.type_name == "list" and (index or key is not None):
            at = at.member
        elif at.type_name == "map" and key is not None:
            at = at.value
        else:
            return False
        position = match.end()
    return bool(tail) and at.type_name not in ("structure", "list", "map")
