//! Container images, and models that are served by them.

use smol_str::{SmolStr, format_smolstr};

use super::Evaluator;
use crate::diagnostics::{self as d, Diagnostic, closest};
use crate::facts::{ImageProblem, ImageProblemKind, ImageRequest};
use crate::source::Span;
use crate::types::{Class, Data, Entry, Literal, Type, Value, show};

impl Evaluator<'_> {
    pub(super) fn model_at(
        &mut self,
        uri: Value,
        image: Value,
        input: Option<Value>,
        content_type: Option<Value>,
        span: Span,
    ) -> Value {
        let schema = input.as_ref().and_then(|input| {
            input.as_object().and_then(|object| match &object.class {
                Class::Data(type_) => super::data::schema_of(type_),
                _ => None,
            })
        });
        let content_type = content_type
            .filter(|value| !value.is_none())
            .or_else(|| input.as_ref().and_then(|input| input.get("content_type")).cloned());
        let type_ = Type::Model { input: schema, output: None };
        // A version of the registry has its container with it.
        let is_package = content_type.as_ref().and_then(Value::as_string).is_some_and(|text| text == "package");
        if is_package {
            let entries = vec![
                Entry::new("type", Value::string("model", span)),
                Entry::new("package", uri),
                Entry::new("uri", Value::none(span)),
                Entry::new("s3", Value::none(span)),
                Entry::new("image", Value::none(span)),
                Entry::new("content_type", Value::none(span)),
            ];
            return Value::object(Class::Data(type_), entries, span);
        }
        let entries = vec![
            Entry::new("type", Value::string("model", span)),
            Entry::new("uri", uri.clone()),
            Entry::new("s3", Value::object(Class::Plain, vec![Entry::new("uri", uri)], span)),
            Entry::new("image", image),
            Entry::new("content_type", content_type.unwrap_or_else(|| Value::none(span))),
        ];
        Value::object(Class::Data(type_), entries, span)
    }

    /// The URI of an image for a use. The region is the project's.
    pub(super) fn image_uri(
        &mut self,
        image: Value,
        instance: Option<Value>,
        scope: Option<Value>,
        span: Span,
    ) -> Value {
        let object = match &image.data {
            Data::String(_) | Data::Late(_) => return image,
            Data::None => return Value::none(span),
            Data::Object(object) if object.class == Class::Image => object.clone(),
            _ => {
                let found = show::describe_value(&image);
                self.report(Diagnostic::new(
                    &d::TYPE_MISMATCH,
                    image.span,
                    &[("what", &"`image`"), ("expected", &"a container image"), ("found", &found)],
                ));
                return Value::error(span);
            }
        };
        let text = |key: &str| object.get(key).and_then(|value| value.as_string()).cloned();
        let (Some(framework), Some(version)) = (text("framework"), text("version")) else { return Value::error(span) };
        let Some(region) = self.project.as_ref().and_then(|project| project.region.clone()) else {
            if self.once("region") {
                self.report(Diagnostic::new(&d::NO_REGION, image.span, &[("framework", &framework)]));
            }
            return Value::error(span);
        };
        let scope = scope.and_then(|scope| scope.as_string().cloned());
        // An instance type that is chosen at start may be any of its type's values: all must lead to one image.
        let instances: Vec<Option<SmolStr>> = match instance.as_ref().map(|instance| &instance.data) {
            Some(Data::String(name)) => vec![Some(name.clone())],
            Some(Data::Late(late)) => match &late.type_ {
                Type::Literals(values) => values
                    .iter()
                    .filter_map(|value| match value {
                        Literal::String(text) => Some(Some(text.clone())),
                        Literal::Int(_) | Literal::Float(_) | Literal::Bool(_) => None,
                    })
                    .collect(),
                Type::Instance(job) => self
                    .facts
                    .instance_types(job)
                    .map(|types| types.iter().map(|name| Some(name.clone())).collect())
                    .unwrap_or_default(),
                _ => vec![None],
            },
            _ => vec![None],
        };
        let mut found: Option<(SmolStr, Option<SmolStr>)> = None;
        for instance_type in instances {
            let (py_version, container_version) = (text("py_version"), text("container_version"));
            let base_framework = text("pytorch")
                .map(|version| format_smolstr!("pytorch{version}"))
                .or_else(|| text("tensorflow").map(|version| format_smolstr!("tensorflow{version}")));
            let key: [Option<SmolStr>; 8] = [
                Some(framework.clone()),
                Some(version.clone()),
                instance_type.clone(),
                scope.clone(),
                py_version.clone(),
                container_version.clone(),
                base_framework.clone(),
                Some(region.clone()),
            ];
            let request = ImageRequest {
                framework: &framework,
                version: Some(&version),
                region: &region,
                scope: scope.as_deref(),
                instance: instance_type.as_deref(),
                python: py_version.as_deref(),
                container_version: container_version.as_deref(),
                base_framework: base_framework.as_deref(),
                sdk_version: None,
                inference_tool: None,
                serverless: false,
            };
            let answer = match self.images.get(&key) {
                Some(answer) => answer.clone(),
                None => {
                    let answer = match self.facts.image(&request) {
                        // Most frameworks process data in the image that they train in.
                        Err(problem)
                            if problem.kind == ImageProblemKind::Scope && scope.as_deref() == Some("processing") =>
                        {
                            self.facts.image(&ImageRequest { scope: Some("training"), ..request })
                        }
                        answer => answer,
                    };
                    let answer = answer.map(SmolStr::from);
                    self.images.insert(key, answer.clone());
                    answer
                }
            };
            match answer {
                Ok(uri) => match &found {
                    Some((first, first_instance)) if *first != uri => {
                        let (a, b) = (first_instance.clone().unwrap_or_default(), instance_type.unwrap_or_default());
                        let place = instance.as_ref().map_or(span, |instance| instance.span);
                        let because = instance.as_ref().and_then(Value::latest).map(|late| late.because.clone());
                        let mut diagnostic = Diagnostic::new(
                            &d::IMAGE_UNDECIDED,
                            place,
                            &[("framework", &framework), ("first", &a), ("second", &b)],
                        );
                        if let Some(because) = because {
                            diagnostic = diagnostic.related(because.span, because.text.to_string());
                        }
                        self.report(diagnostic);
                        return Value::error(span);
                    }
                    Some(_) => {}
                    None => found = Some((uri, instance_type)),
                },
                // A type without an image of its own can only be among the choices of a parameter.
                Err(_) if instance.as_ref().is_some_and(|instance| instance.as_late().is_some()) => {}
                Err(problem) => return self.image_problem(&problem, &framework, &version, &region, image.span),
            }
        }
        match found {
            Some((uri, _)) => Value::string(uri, image.span),
            None => Value::error(span),
        }
    }

    pub(super) fn image_problem(
        &mut self,
        problem: &ImageProblem,
        framework: &str,
        version: &str,
        region: &str,
        span: Span,
    ) -> Value {
        let reason = problem.to_string();
        let found = Diagnostic::new(
            &d::NO_IMAGE,
            span,
            &[("framework", &framework), ("version", &version), ("region", &region), ("reason", &reason)],
        );
        let candidates = &problem.candidates;
        let found = match closest(&problem.given, candidates.iter().map(|c| c.as_str())) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None if !candidates.is_empty() && candidates.len() <= 40 => {
                found.help(format!("there is {}", candidates.join(", ")))
            }
            None => found,
        };
        self.report(found);
        Value::error(span)
    }
}
