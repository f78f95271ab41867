//! What the embedded facts hold, and that facts from outside take their place.

use super::*;

fn facts() -> Facts {
    Facts::embedded()
}

/// All shapes reachable from one, each once.
fn closure(service: &Service, from: ShapeId) -> Vec<&Shape> {
    let (mut found, mut seen, mut todo) = (Vec::new(), vec![from], vec![from]);
    while let Some(id) = todo.pop() {
        let shape = service.shape(id);
        let next: Vec<ShapeId> = match &shape.kind {
            ShapeKind::Structure { members, .. } => members.iter().map(|member| member.shape).collect(),
            ShapeKind::List { member, .. } => vec![*member],
            ShapeKind::Map { key, value, .. } => vec![*key, *value],
            _ => Vec::new(),
        };
        for id in next {
            if !seen.contains(&id) {
                seen.push(id);
                todo.push(id);
            }
        }
        found.push(shape);
    }
    found
}

#[test]
fn a_service_gives_operations_and_shapes() {
    let service = facts().service("sagemaker").expect("SageMaker ships");
    let operation = service.operation("CreateTrainingJob").expect("a known operation");
    let input = service.shape(operation.input.expect("it takes arguments"));
    assert_eq!(input.name, "CreateTrainingJobRequest");
    assert_eq!(input.members().first().map(|member| member.name.as_str()), Some("TrainingJobName"));
    let required: Vec<_> = input.required().map(SmolStr::as_str).collect();
    assert_eq!(required, ["TrainingJobName", "RoleArn", "OutputDataConfig"]);
    let name = service.shape(input.member("TrainingJobName").expect("a member").shape);
    let ShapeKind::String { max: Some(63), pattern: Some(pattern), .. } = &name.kind else {
        panic!("the name is a limited string: {name:?}");
    };
    assert_eq!(pattern.matches("churn-2026"), Some(true));
    assert_eq!(pattern.matches("churn_2026"), Some(false));
    assert_eq!(service.operation("CreateTrainingjob"), None);
    assert!(service.operations().contains(&"DescribePipeline"));
    assert!(closure(&service, operation.input.expect("as above")).len() > 100);
}

#[test]
fn services_are_called_as_in_the_language() {
    let service = facts().service("redshift_data").expect("it ships");
    assert_eq!((service.botocore_name(), service.service_id()), ("redshift-data", "Redshift Data"));
    assert!(facts().service("redshift-data").is_none());
    let names = facts();
    let names = names.services();
    assert!(names.len() > 400 && names.is_sorted());
    for name in ["athena", "bedrock", "emr_serverless", "events", "glue", "lambda", "s3", "stepfunctions"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn every_embedded_part_can_be_read() {
    let facts = facts();
    for name in facts.services() {
        let service = facts.service(name).unwrap_or_else(|| panic!("{name} cannot be unpacked"));
        service.check().unwrap_or_else(|error| panic!("{error}"));
    }
    for (name, part) in &facts.0.resource_services {
        let service = part.get(|text| Ok(Arc::new(ResourceService::new(text)))).unwrap_or_else(|| panic!("{name}"));
        service.check(name).unwrap_or_else(|error| panic!("{error}"));
    }
    for prefix in facts.permission_prefixes() {
        assert!(facts.permissions(prefix).is_some_and(|found| !found.actions().is_empty()), "{prefix}");
    }
    assert!(facts.pipeline().is_some(), "pipeline_steps.json cannot be read");
    for service in facts.machine().expect("machine_tasks.json can be read").services() {
        let Some(name) = &service.service else { continue };
        let model = facts.service(name).unwrap_or_else(|| panic!("{name}"));
        for action in &service.actions {
            let answer = action.answer.as_ref().and_then(|answer| answer.split(':').next());
            for operation in action.operation.as_deref().into_iter().chain(answer) {
                assert!(model.operation(operation).is_some(), "{name}: {operation}");
            }
        }
    }
    assert!(facts.image_frameworks().len() > 70);
}

#[test]
fn patterns_of_the_services_workflows_use_can_be_compiled() {
    let facts = facts();
    let mut unchecked = Vec::new();
    for name in
        ["sagemaker", "glue", "emr_serverless", "lambda", "stepfunctions", "athena", "bedrock", "events", "pipes"]
    {
        let service = facts.service(name).expect("it ships");
        for shape in service.shape_names() {
            let shape = service.shape(service.shape_id(shape).expect("listed"));
            if let ShapeKind::String { pattern: Some(pattern), .. } = &shape.kind
                && pattern.matches("x").is_none()
            {
                unchecked.push(format!("{name}.{}", shape.name));
            }
        }
    }
    let known = [
        "sagemaker.MetricsEndpointPath",
        "glue.AssetTypeFormKey",
        "glue.AssetTypeName",
        "lambda.CollectionName",
        "lambda.FunctionUrlFunctionName",
        "athena.NotebookName",
        "events.PathParameter",
        "pipes.EventBridgeEventSource",
        "pipes.PathParameter",
    ];
    assert_eq!(unchecked, known);
}

#[test]
fn instance_types_are_known_by_job() {
    let facts = facts();
    let takes =
        |job: &str, name: &str| facts.instance_types(job).expect("a known job").iter().any(|known| known == name);
    assert!(takes("training", "ml.m5.2xlarge") && takes("endpoint", "ml.t2.medium") && takes("studio", "ml.t3.medium"));
    assert!(!takes("training", "ml.t2.medium") && !takes("studio", "system"));
    assert_eq!(facts.instance_types("cooking"), None);
    for job in INSTANCE_JOBS {
        assert!(facts.instance_types(job).is_some_and(|types| types.len() > 50), "{job}");
    }
    let gpu = facts.instance("ml.p4d.24xlarge").expect("a known type");
    assert_eq!((gpu.gpus, gpu.gpu_memory, gpu.processor), (Some(8), Some(327_680), Processor::Gpu));
    assert_eq!(facts.instance("ml.m5.large").and_then(|cpu| cpu.gpus), Some(0));
    assert_eq!(facts.instance("ml.m5.enormous"), None);
    assert_eq!(facts.offered_in("eu-west-1", "processing", "ml.m5.xlarge"), Some(true));
    assert_eq!(facts.offered_in("ap-east-2", "processing", "ml.p4d.24xlarge"), Some(false));
    assert_eq!(facts.offered_in("eu-west-1", "training", "ml.m5.xlarge"), None);
    assert!(facts.is_region("eu-west-1") && !facts.is_region("eu-west-9"));
    assert_eq!(facts.partition("cn-north-1"), Some("aws-cn"));
    assert!(facts.instance_regions("endpoint").contains(&"eu-central-1"));
}

#[test]
fn resource_types_give_schemas_and_regions() {
    let facts = facts();
    let pipeline = facts.resource_type("AWS::SageMaker::Pipeline").expect("it ships");
    assert!(pipeline.properties().any(|(name, _)| name == "PipelineDefinition"));
    assert!(pipeline.required().any(|name| name == "RoleArn"));
    let bucket = facts.resource_type("AWS::S3::Bucket").expect("it ships");
    assert!(bucket.attributes().any(|path| path == "Arn"));
    assert!(facts.resource_type("AWS::SageMaker::Pipelin").is_none());
    assert!(facts.resource_types().len() > 1000 && facts.resource_types().is_sorted());
    assert_eq!(facts.resource_offered_in("eu-west-1", "AWS::SageMaker::Pipeline"), Some(true));
    assert_eq!(facts.resource_offered_in("eu-west-9", "AWS::SageMaker::Pipeline"), None);
}

#[test]
fn permissions_give_actions_and_their_resources() {
    let sagemaker = facts().permissions("sagemaker").expect("it ships");
    let action = sagemaker.action("createtrainingjob").expect("an action");
    assert_eq!(action.name, "CreateTrainingJob");
    assert!(action.resources.contains(&"training-job".to_owned()), "{action:?}");
    assert!(!sagemaker.arn_formats("training-job").is_empty());
    assert_eq!(sagemaker.action("CreateTraningJob"), None);
}

#[test]
fn images_are_those_of_the_sdk() {
    type Row = (String, String, String, String, Option<String>, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("../../../stdlib/aws/tests/images.json")).expect("the golden file is JSON");
    let mut wrong = Vec::new();
    for (framework, version, region, scope, instance, python, base, uri) in &rows {
        let request = ImageRequest {
            framework,
            version: Some(version),
            region,
            scope: Some(scope),
            instance: instance.as_deref(),
            python: python.as_deref(),
            base_framework: base.as_deref(),
            ..ImageRequest::default()
        };
        let found = facts().image(&request);
        // Where a table has one version, the SDK takes it whatever was asked for. The compiler says so instead.
        let stricter = matches!(&found, Err(problem) if problem.kind == ImageProblemKind::Version);
        let only_one = ["pytorch", "sklearn"].contains(&framework.as_str());
        if stricter && only_one {
            continue;
        }
        if found.as_ref().ok() != uri.as_ref() {
            wrong.push(format!("{request:?}\n  SDK      {uri:?}\n  compiler {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), rows.len(), wrong[..wrong.len().min(12)].join("\n"));
}

#[test]
fn what_is_wrong_with_an_image_request_comes_with_candidates() {
    let problem = |request: ImageRequest<'_>| facts().image(&request).expect_err("no such image");
    let good = ImageRequest {
        framework: "xgboost",
        version: Some("1.7-1"),
        region: "eu-west-1",
        instance: Some("ml.m5.xlarge"),
        ..ImageRequest::default()
    };
    let has = |problem: &ImageProblem, name: &str| problem.candidates.iter().any(|known| known == name);
    let found = problem(ImageRequest { framework: "xgbost", ..good.clone() });
    assert!(found.kind == ImageProblemKind::Framework && has(&found, "xgboost"));
    let found = problem(ImageRequest { version: Some("1.7-9"), ..good.clone() });
    assert!(found.kind == ImageProblemKind::Version && has(&found, "1.7-1"));
    let found = problem(ImageRequest { region: "eu-west-9", ..good.clone() });
    assert!(found.kind == ImageProblemKind::Region && has(&found, "eu-west-1"));
    let found = problem(ImageRequest { scope: Some("cooking"), ..good.clone() });
    assert!(found.kind == ImageProblemKind::Scope && has(&found, "training"));
    let found =
        problem(ImageRequest { instance: Some("ml.c7g.large"), framework: "sklearn", version: Some("1.2-1"), ..good });
    assert_eq!(found.kind, ImageProblemKind::Version);
}

#[test]
fn versions_of_images_are_listed_in_order() {
    let versions = facts().image_versions("xgboost", Some("training"));
    let at = |name: &str| versions.iter().position(|known| known == name);
    assert!(at("1.5-1") < at("1.7-1") && at("1.7-1") < at("latest"));
    assert!(facts().image_scopes("sklearn").contains(&SmolStr::new_static("training")));
}

#[test]
fn step_types_name_operations_and_shapes_that_exist() {
    let facts = facts();
    let shape_exists =
        |api: &ApiName| facts.service(api.service()).is_some_and(|service| service.shape_id(api.name()).is_some());
    for step in facts.pipeline_steps() {
        if let Some(operation) = &step.operation {
            let service = facts.service(operation.service()).expect("a known service");
            assert!(service.operation(operation.name()).is_some(), "{}", step.name);
        }
        assert!(step.operation.is_some() != step.arguments.is_some(), "{}: one of the two", step.name);
        for shape in &step.properties.shapes {
            assert!(shape_exists(shape), "{}: {shape:?}", step.name);
        }
        let values = step.arguments.iter().chain(step.extra.iter().chain(&step.members).map(|member| &member.value));
        for value in values {
            each_api(value, &mut |api| assert!(shape_exists(api), "{}: {api:?}", step.name));
        }
    }
    assert_eq!(
        facts.pipeline_step_for("sagemaker", "CreateProcessingJob").map(|step| step.name.as_str()),
        Some("Processing")
    );
    assert_eq!(facts.pipeline_limit("definition_characters"), Some(1_048_576));
    assert!(facts.pipeline_step("Foreach").is_none());
}

fn each_api(value: &StepValue, see: &mut impl FnMut(&ApiName)) {
    match value {
        StepValue::Api { shape, .. } => see(shape),
        StepValue::List { of, .. } | StepValue::Map { of } => each_api(of, see),
        StepValue::OneOf { of } => of.iter().for_each(|value| each_api(value, see)),
        StepValue::Object { members } => members.iter().for_each(|member| each_api(&member.value, see)),
        _ => {}
    }
}

#[test]
fn a_facts_file_replaces_the_parts_it_brings() {
    let header =
        r#"{"service":"new-thing","version":"","id":"","signing":"","endpoint":"","protocol":"","operations":1}"#;
    let text = format!("{header}\nMake\tMakeRequest\nMakeRequest\t{{\"s\":[\"Name!\"]}}\nName\t{{\"t\":\"string\"}}\n");
    let file = serde_json::json!({ "date": "2027-01-02", "api": { "new_thing": text } }).to_string();
    let newer = facts().overridden(file.as_bytes()).expect("a good file");
    assert_eq!(newer.date(), "2027-01-02");
    let operation = newer.service("new_thing").and_then(|service| service.operation("Make")).expect("it was brought");
    assert!(operation.input.is_some() && operation.output.is_none());
    assert!(newer.service("sagemaker").is_some(), "the rest stays");
    assert!(facts().service("new_thing").is_none(), "the embedded facts do not change");
}

#[test]
fn a_damaged_facts_file_is_refused_with_its_reason() {
    let reason = |file: &str| facts().overridden(file.as_bytes()).expect_err("damaged").to_string();
    assert!(reason("{").starts_with("the facts cannot be read"));
    assert!(reason(r#"{"apis":{}}"#).contains("unknown field `apis`"));
    assert!(reason(r#"{"api":{"glue":"{}\n"}}"#).contains("`glue`"));
    let dangling = r#"{"service":"x","version":"","id":"","signing":"","endpoint":"","protocol":"","operations":0}"#;
    let file = serde_json::json!({ "api": { "x": format!("{dangling}\nA\t{{\"l\":\"B\"}}\n") } });
    assert!(reason(&file.to_string()).contains("shape `A` cannot be read"));
}
