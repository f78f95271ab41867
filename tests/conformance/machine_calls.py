"""Judges the calls of a machine: whether Step Functions has such an integration, and whether the arguments fit the API.

Integrations are AWS's table of optimised ones; APIs and their arguments are botocore's descriptions of the services.
"""

from botocore.exceptions import UnknownServiceError
from calls import Requests, model

SYNC = ".sync"
SYNC_2 = ".sync:2"
TOKEN = ".waitForTaskToken"

# Service and action: the patterns it has besides request and response.
OPTIMISED = {
    "apigateway:invoke": {TOKEN},
    "athena:getQueryExecution": set(),
    "athena:getQueryResults": set(),
    "athena:startQueryExecution": {SYNC},
    "athena:stopQueryExecution": set(),
    "batch:submitJob": {SYNC},
    "bedrock:createModelCustomizationJob": {SYNC},
    "bedrock:invokeModel": set(),
    "bedrockagentcore:invokeHarness": set(),
    "codebuild:batchDeleteBuilds": set(),
    "codebuild:batchGetReports": set(),
    "codebuild:deleteBuildBatch": set(),
    "codebuild:retryBuildBatch": {SYNC},
    "codebuild:startBuild": {SYNC},
    "codebuild:startBuildBatch": {SYNC},
    "codebuild:stopBuild": set(),
    "codebuild:stopBuildBatch": set(),
    "databrew:startJobRun": {SYNC},
    "dynamodb:deleteItem": set(),
    "dynamodb:getItem": set(),
    "dynamodb:putItem": set(),
    "dynamodb:updateItem": set(),
    "ecs:runTask": {SYNC, TOKEN},
    "eks:call": {TOKEN},
    "eks:createCluster": {SYNC},
    "eks:createFargateProfile": {SYNC},
    "eks:createNodegroup": {SYNC},
    "eks:deleteCluster": {SYNC},
    "eks:deleteFargateProfile": {SYNC},
    "eks:deleteNodegroup": {SYNC},
    "eks:runJob": {SYNC, TOKEN},
    "elasticmapreduce:addStep": {SYNC},
    "elasticmapreduce:cancelStep": set(),
    "elasticmapreduce:createCluster": {SYNC},
    "elasticmapreduce:modifyInstanceFleetByName": set(),
    "elasticmapreduce:modifyInstanceGroupByName": set(),
    "elasticmapreduce:setClusterTerminationProtection": set(),
    "elasticmapreduce:terminateCluster": {SYNC},
    "emr-containers:createVirtualCluster": set(),
    "emr-containers:deleteVirtualCluster": {SYNC},
    "emr-containers:startJobRun": {SYNC},
    "emr-serverless:cancelJobRun": {SYNC},
    "emr-serverless:createApplication": {SYNC},
    "emr-serverless:deleteApplication": {SYNC},
    "emr-serverless:startApplication": {SYNC},
    "emr-serverless:startJobRun": {SYNC},
    "emr-serverless:stopApplication": {SYNC},
    "events:putEvents": {TOKEN},
    "glue:startJobRun": {SYNC},
    "http:invoke": set(),
    "lambda:invoke": {TOKEN},
    "mediaconvert:createJob": {SYNC},
    "sagemaker:createEndpoint": set(),
    "sagemaker:createEndpointConfig": set(),
    "sagemaker:createHyperParameterTuningJob": {SYNC},
    "sagemaker:createLabelingJob": {SYNC},
    "sagemaker:createModel": set(),
    "sagemaker:createProcessingJob": {SYNC},
    "sagemaker:createTrainingJob": {SYNC},
    "sagemaker:createTransformJob": {SYNC},
    "sagemaker:updateEndpoint": set(),
    "sns:publish": {TOKEN},
    "sqs:sendMessage": {TOKEN},
    "states:startExecution": {SYNC, SYNC_2, TOKEN},
}

# Where the optimised integration takes what the API does not, so that the API cannot judge it; and the members it takes.
OWN_ARGUMENTS = {
    "apigateway:invoke": {
        "ApiEndpoint", "Method", "Headers", "Stage", "Path", "QueryParameters", "RequestBody", "AllowNullValues", "AuthType",
    },
    "bedrockagentcore:invokeHarness": None,
    "bedrock:invokeModel": {"ModelId", "Body", "Input", "Output", "ContentType", "Accept", "GuardrailIdentifier", "GuardrailVersion", "Trace"},
    "eks:call": {"ClusterName", "CertificateAuthority", "Endpoint", "Method", "Path", "QueryParameters", "RequestBody"},
    "eks:runJob": {"ClusterName", "CertificateAuthority", "Endpoint", "Job", "LogOptions", "Namespace"},
    "elasticmapreduce:addStep": {"ClusterId", "Step", "ExecutionRoleArn"},
    "elasticmapreduce:cancelStep": {"ClusterId", "StepId"},
    "elasticmapreduce:modifyInstanceFleetByName": {"ClusterId", "InstanceFleetName", "InstanceFleet"},
    "elasticmapreduce:modifyInstanceGroupByName": {"ClusterId", "InstanceGroupName", "InstanceGroup"},
    "elasticmapreduce:setClusterTerminationProtection": {"ClusterId", "TerminationProtected"},
    "elasticmapreduce:terminateCluster": {"ClusterId"},
    "http:invoke": {
        "ApiEndpoint", "Method", "Authentication", "InvocationConfig", "Headers", "QueryParameters", "RequestBody", "Transform",
    },
}

# Members that an optimised integration takes as JSON where the API wants text.
AS_JSON = {
    "events:putEvents": {"Detail"},
    "lambda:invoke": {"Payload"},
    "sns:publish": {"Message"},
    "sqs:sendMessage": {"MessageBody"},
    "states:startExecution": {"Input"},
}

# Names that Step Functions has for a service where botocore has another.
SERVICES = {
    "cloudwatchlogs": "logs", "databasemigration": "dms", "elasticmapreduce": "emr", "elasticloadbalancingv2": "elbv2",
    "emrcontainers": "emr-containers", "emrserverless": "emr-serverless", "eventbridge": "events",
    "redshiftdata": "redshift-data", "redshiftserverless": "redshift-serverless", "sagemakera2iruntime": "sagemaker-a2i-runtime",
    "sagemakerfeaturestoreruntime": "sagemaker-featurestore-runtime", "sagemakerruntime": "sagemaker-runtime",
    "servicequotas": "service-quotas", "sfn": "stepfunctions", "states": "stepfunctions", "bedrockruntime": "bedrock-runtime",
    "bedrockagent": "bedrock-agent", "bedrockagentruntime": "bedrock-agent-runtime",
}

OPERATIONS = {"elasticmapreduce:createCluster": "RunJobFlow"}


def judge(resource, arguments):
    """The faults of a call."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return [f"`{resource}` is no ARN"]
    if parts[2] == "lambda" or parts[5].startswith("activity:"):
        return []
    if parts[2] != "states":
        return [f"`{resource}` is no integration"]
    name = parts[5]
    pattern = ""
    for one in (SYNC_2, SYNC, TOKEN):
        if name.endswith(one):
            name, pattern = name[: -len(one)], one
            break
    if name.startswith("aws-sdk:"):
        service, _, action = name.removeprefix("aws-sdk:").partition(":")
        if pattern not in ("", TOKEN):
            return [f"`{resource}`: an SDK integration has no `{pattern}`"]
        return judge_api(service, action, arguments, set())
    if name not in OPTIMISED:
        return [f"`{resource}`: there is no optimised integration `{name}`"]
    if pattern and pattern not in OPTIMISED[name]:
        return [f"`{resource}`: `{name}` has no `{pattern}`"]
    if name in OWN_ARGUMENTS:
        known = OWN_ARGUMENTS[name]
        unknown = sorted(set(arguments) - known) if known is not None else []
        return [f"`{name}` takes no `{member}`" for member in unknown]
    service, action = name.split(":")
    return judge_api(service, action, arguments, AS_JSON.get(name, set()), OPERATIONS.get(name))


def judge_api(service, action, arguments, as_json, operation=None):
    if not action[:1].islower():
        return [f"`{service}:{action}`: actions begin with a small letter"]
    if not isinstance(arguments, dict):
        return [f"`{service}:{action}`: the arguments are no object"]
    try:
        described = model(SERVICES.get(service, service))
    except UnknownServiceError:
        return [f"there is no service `{service}`"]
    name = operation or action[:1].upper() + action[1:]
    if name not in described.operation_names:
        return [f"`{service}` has no `{name}`"]
    shape = described.operation_model(name).input_shape
    if shape is None:
        return [f"`{name}` takes no arguments"] if arguments else []
    faults = []
    requests = Requests({})
    requests.request(shape, spelt(shape, arguments, as_json, name, faults), "", set())
    return faults + [f"{name}: {fault}" for fault in requests.faults]


def spelt(shape, value, as_json, path, faults):
    """The value as the API spells it: Step Functions writes all members with a capital."""
    if shape.type_name == "structure" and isinstance(value, dict):
        if getattr(shape, "is_document_type", False):
            return value
        members = {member.lower(): member for member in shape.members}
        found = {}
        for key, inner in value.items():
            member = members.get(key.lower())
            if member is None:
                faults.append(f"{path}: there is no member `{key}`")
            elif not key[:1].isupper():
                faults.append(f"{path}: `{key}` begins with a capital in a state machine")
            elif key in as_json:
                found[member] = inner if isinstance(inner, str) else "{}"
            else:
                found[member] = spelt(shape.members[member], inner, as_json, f"{path}.{key}", faults)
        return found
    if shape.type_name == "list" and isinstance(value, list):
        return [spelt(shape.member, inner, as_json, f"{path}[{at}]", faults) for at, inner in enumerate(value)]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: spelt(shape.value, inner, as_json, f"{path}.{key}", faults) for key, inner in value.items()}
    if shape.type_name == "blob" and isinstance(value, (dict, list)):
        return "{}"
    return value
