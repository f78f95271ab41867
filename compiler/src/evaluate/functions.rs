//! The compiler's own functions: what templates and expressions cannot say otherwise. Kept few; [`TABLE`] lists them all.

use std::sync::Arc;

use smol_str::SmolStr;

use super::expression::scalar_text;
use super::json_text::{json_parts, to_json};
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{Argument, Expression, ExpressionKind, Field, Name};
use crate::types::{Because, Class, Data, Entry, Function, FunctionBody, LateKind, Stage, Type, Value, show};

/// A function of the compiler: its name, the names of its parameters (those from `required` on may be left out), and what
/// it does in a few words.
pub(crate) struct BuiltIn {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [&'static str],
    pub(crate) required: usize,
    pub(crate) doc: &'static str,
}

macro_rules! table {
    ($($name:literal ($($parameter:literal),*) $required:literal $doc:literal;)*) => {
        /// Every function, in the order of names.
        pub(crate) static TABLE: &[BuiltIn] = &[$(BuiltIn { name: $name, parameters: &[$($parameter),*], required: $required, doc: $doc }),*];
    };
}

table! {
    "abs" ("value") 1 "The size of a number without its sign.";
    "by_size" ("text", "inline", "stored") 3 "The second value where a document of the stack fits into its template, the third where it is kept in S3.";
    "ceil" ("value") 1 "The least integer that is not below a number.";
    "closest" ("text", "list") 2 "The element of a list that a text was probably meant to be; `none` where none is near.";
    "contains" ("text", "part") 2 "Whether a text contains another, or a list an element.";
    "ends_with" ("text", "end") 2 "Whether a text ends with another.";
    "entries" ("object") 1 "The entries of an object as a list of `{ key, value }`.";
    "file_of" ("name", "text") 2 "A file with a content that the sources give, uploaded with those that they name.";
    "files_at" ("uri", "content_type") 1 "Files at a location.";
    "float" ("value") 1 "A text or integer as a number.";
    "floor" ("value") 1 "The greatest integer that is not above a number.";
    "framework_image" ("framework", "version", "py_version", "pytorch", "tensorflow", "container_version") 2
        "An image of the registry tables by framework and version; region, processor and scope are filled in where it is used.";
    "get" ("path") 1 "A value of the running engine by its own path, such as `Steps.Train.ModelArtifacts.S3ModelArtifacts`.";
    "image_uri" ("image", "instance", "scope") 1 "The URI of an image for an instance type and a use: `training`, `inference` or `processing`.";
    "int" ("value") 1 "A text or number as an integer.";
    "is_known" ("value") 1 "Whether a value is known when the file is built.";
    "join" ("separator", "list") 2 "The elements of a list as one text.";
    "json" ("value") 1 "A value as JSON text.";
    "json_get" ("uri", "path") 2 "A value in a JSON file at a location, by its path.";
    "keys" ("object") 1 "The keys of an object.";
    "known_by" ("value", "stage") 2 "Whether a value is known at a stage: `build` or `deploy`.";
    "length" ("value") 1 "How many elements, entries or characters there are.";
    "location_of" ("uri") 1 "Bucket and prefix of a location, as far as they are known when the stack is deployed; `none` where they are not.";
    "locations_in" ("value") 1 "Bucket and prefix of every location in S3 that a value holds, as far as they are known when the stack is deployed.";
    "lower" ("text") 1 "A text in lower case.";
    "max" ("first", "second") 2 "The greater of two.";
    "merge" ("first", "second") 2 "The entries of two objects; the second wins.";
    "min" ("first", "second") 2 "The lesser of two.";
    "mod" ("value", "divisor") 2 "What is left of a division of integers.";
    "model_at" ("uri", "image", "input", "content_type") 1 "A model whose artefact lies at a location.";
    "range" ("count") 1 "The integers from 0 up to, not including, a number.";
    "replace" ("text", "part", "by") 3 "A text with every occurrence of a part replaced.";
    "round" ("value", "digits") 1 "A number rounded, to an integer where no digits are named.";
    "sort" ("list") 1 "A list of numbers or texts in order.";
    "sort_of" ("value") 1 "What a value is: `none`, `text`, `number`, `bool`, `duration`, `size`, `percent`, `list` or `object`.";
    "split" ("text", "separator") 2 "The parts of a text between separators.";
    "starts_with" ("text", "start") 2 "Whether a text starts with another.";
    "step_name" ("step") 1 "The name under which a step runs. Whoever writes it runs after that step.";
    "string" ("value") 1 "A value as text.";
    "trim" ("text") 1 "A text without white space at its ends.";
    "type_of" ("value") 1 "What a value is: `string`, `int`, `float`, `bool`, `list`, `object`, `data`, `null`, `none`, or `any` where that is not known.";
    "unchecked" ("object") 1 "Members that the facts do not know: taken as they are.";
    "unique" ("list") 1 "A list without repeated elements.";
    "upper" ("text") 1 "A text in upper case.";
    "values" ("object") 1 "The values of an object.";
    "verbatim" ("text") 1 "A text that stands in the built document as it is, without quotes: a number of any length, a placeholder such as `\\${Timeout}`.";
}

pub(crate) fn find(name: &str) -> Option<&'static BuiltIn> {
    TABLE.binary_search_by(|built_in| built_in.name.cmp(name)).ok().map(|index| &TABLE[index])
}

pub(crate) fn is_built_in(name: &str) -> bool {
    find(name).is_some()
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|built_in| built_in.name)
}

impl Evaluator<'_> {
    pub(crate) fn built_in(&mut self, name: &str, span: Span) -> Value {
        let function = Function { name: name.into(), body: FunctionBody::BuiltIn };
        Value::new(Data::Function(Arc::new(function)), span)
    }

    pub(crate) fn call(&mut self, callee: &Expression, arguments: &[Argument], scope: &Scope<'_>, span: Span) -> Value {
        if let ExpressionKind::Member { base, name, .. } = &*callee.kind
            && let Some(value) = self.method(base, name, arguments, scope, span)
        {
            return value;
        }
        // A kind without a body: `xgboost("1.7-1")`.
        if self.kind_of(callee, scope).is_some() {
            let body = crate::syntax::tree::Object { entries: Vec::new(), span: Some(span.at_end()) };
            return self.instance(callee, arguments, &body, scope, span);
        }
        if let Some(built_in) = self.built_in_named(callee, scope) {
            let values = self.arguments(arguments, scope);
            return self.call_built_in(built_in, values, span);
        }
        let function = self.evaluate(callee, scope);
        let Data::Function(function) = &function.data else {
            if !function.is_error() {
                let found = show::describe_value(&function);
                self.report(Diagnostic::new(&d::NOT_CALLABLE, callee.span, &[("found", &found)]));
            }
            return Value::error(span);
        };
        let values = self.arguments(arguments, scope);
        match &function.body {
            FunctionBody::BuiltIn => {
                let Some(built_in) = find(&function.name) else { return Value::error(span) };
                self.call_built_in(built_in, values, span)
            }
            FunctionBody::Declared { parameters, body, captured } => {
                self.call_declared(&function.name, parameters, body, captured, values, span)
            }
        }
    }

    /// The compiler's function that a name stands for where nothing nearer has it: mostly what is called.
    fn built_in_named(&self, callee: &Expression, scope: &Scope<'_>) -> Option<&'static BuiltIn> {
        let ExpressionKind::Name(name) = &*callee.kind else { return None };
        let built_in = find(name)?;
        let is_taken = scope.local(name).is_some() || scope.block_id().is_some_and(|block| self.block_has(block, name));
        (!is_taken).then_some(built_in)
    }

    fn call_built_in(&mut self, built_in: &'static BuiltIn, values: Vec<(Option<Name>, Value)>, span: Span) -> Value {
        match self.bind(built_in.name, built_in.parameters, built_in.required, values, span) {
            Some(values) => self.run_built_in(built_in, values, span),
            None => Value::error(span),
        }
    }

    pub(super) fn call_declared(
        &mut self,
        name: &str,
        parameters: &[Field],
        body: &Expression,
        captured: &[(SmolStr, Value)],
        values: Vec<(Option<Name>, Value)>,
        span: Span,
    ) -> Value {
        if self.depth > 64 {
            self.report(Diagnostic::new(&d::RECURSION, span, &[("name", &name)]));
            return Value::error(span);
        }
        let names: Vec<&str> = parameters.iter().map(|field| field.name.text.as_str()).collect();
        let required = parameters.iter().take_while(|field| field.default.is_none() && !field.optional).count();
        let Some(values) = self.bind(name, &names, required, values, span) else { return Value::error(span) };
        let mut scope = Scope::with(&FILE_SCOPE, captured.to_vec());
        for (field, value) in parameters.iter().zip(values) {
            let value = match value {
                Some(value) => match &field.type_ {
                    Some(written) => {
                        let type_ = self.parameter_type(written);
                        let type_ = if field.optional { type_.optional() } else { type_ };
                        let stage = super::types::stage_of(field.stage);
                        self.fit(&value, &type_, stage, format_args!("`{}`", field.name.text))
                    }
                    None => value,
                },
                None => match &field.default {
                    Some(default) => self.evaluate(default, &scope),
                    None => Value::none(span),
                },
            };
            scope.names.push((field.name.text.clone(), value));
        }
        self.depth += 1;
        let mut value = self.evaluate(body, &scope);
        self.depth -= 1;
        // What a function gives stands where it was called, as far as the reader is concerned.
        if value.span.file != span.file {
            value.span = span;
        }
        value
    }

    /// Puts arguments in the order of parameters. `None` where they do not fit; that has a finding then.
    pub(super) fn bind(
        &mut self,
        name: &str,
        names: &[&str],
        required: usize,
        values: Vec<(Option<Name>, Value)>,
        span: Span,
    ) -> Option<Vec<Option<Value>>> {
        let mut bound: Vec<Option<Value>> = vec![None; names.len()];
        let mut ok = true;
        for (position, (argument, value)) in values.into_iter().enumerate() {
            let index = match &argument {
                Some(argument) => match names.iter().position(|name| *name == argument.text) {
                    Some(index) => index,
                    None => {
                        let found = Diagnostic::new(
                            &d::UNKNOWN_ARGUMENT,
                            argument.span,
                            &[("function", &name), ("name", &argument.text)],
                        )
                        .suggest(&argument.text, argument.span, names.iter().copied());
                        self.report(found);
                        ok = false;
                        continue;
                    }
                },
                None => position,
            };
            match bound.get_mut(index) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => {
                    let parameter = names[index];
                    self.report(Diagnostic::new(
                        &d::ARGUMENT_TWICE,
                        value.span,
                        &[("function", &name), ("name", &parameter)],
                    ));
                    ok = false;
                }
                None => {
                    let most = super::findings::at_most(names.len(), "argument");
                    self.report(Diagnostic::new(
                        &d::TOO_MANY_ARGUMENTS,
                        value.span,
                        &[("function", &name), ("most", &most)],
                    ));
                    return None;
                }
            }
        }
        if ok && let Some(missing) = names.iter().take(required).zip(&bound).find(|(_, value)| value.is_none()) {
            self.report(Diagnostic::new(&d::MISSING_ARGUMENT, span, &[("function", &name), ("name", missing.0)]));
            ok = false;
        }
        ok.then_some(bound)
    }

    /// `descriptor.at(uri)`, `descriptor.from("redshift", dataset)` and `run.name(63)`.
    pub(super) fn method(
        &mut self,
        base: &Expression,
        name: &Name,
        arguments: &[Argument],
        scope: &Scope<'_>,
        span: Span,
    ) -> Option<Value> {
        match name.text.as_str() {
            "at" => {
                let value = self.evaluate(base, scope);
                let Data::Object(object) = &value.data else {
                    return value.is_error().then(|| Value::error(span));
                };
                if !matches!(object.class, Class::Descriptor(_)) {
                    return None;
                }
                let values = self.arguments(arguments, scope);
                let bound = self.bind("at", &["uri"], 1, values, span)?;
                let uri = bound.into_iter().next().flatten()?;
                Some(self.data_at(object, uri, span))
            }
            "from" => {
                let value = self.evaluate(base, scope);
                let Data::Object(object) = &value.data else {
                    return value.is_error().then(|| Value::error(span));
                };
                if !matches!(object.class, Class::Descriptor(_)) {
                    return None;
                }
                let values = self.arguments(arguments, scope);
                let bound = self.bind("from", &["way", "dataset"], 2, values, span)?;
                let mut bound = bound.into_iter().flatten();
                let (Some(way), Some(dataset)) = (bound.next(), bound.next()) else { return Some(Value::error(span)) };
                Some(self.data_from(object, &way, dataset, span))
            }
            "name" if matches!(&*base.kind, ExpressionKind::Name(first) if first == "run" && scope.local("run").is_none()) =>
            {
                let values = self.arguments(arguments, scope);
                let bound = self.bind("run.name", &["most"], 1, values, span)?;
                let most = match bound.first().and_then(Option::as_ref).map(|value| &value.data) {
                    Some(Data::Int(most)) if *most > 0 => *most as u32,
                    _ => return Some(Value::error(span)),
                };
                let text = SmolStr::new_static("the name of a job is made for each execution");
                let kind = LateKind::RunName { most, node: self.naming };
                Some(Value::late(kind, Type::STRING, Stage::Run, Because { span, text }, span))
            }
            _ => None,
        }
    }

    pub(super) fn run_built_in(&mut self, function: &BuiltIn, mut values: Vec<Option<Value>>, span: Span) -> Value {
        if values.iter().flatten().any(Value::is_error) {
            return Value::error(span);
        }
        let mut take = |index: usize| values.get_mut(index).and_then(Option::take);
        let Some(first) = take(0) else { return Value::error(span) };
        match function.name {
            "unchecked" => {
                let Data::Object(object) = &first.data else {
                    return self.wrong_argument(function, &first, "an object");
                };
                let entries = object.entries.iter().map(|entry| Entry { unchecked: true, ..entry.clone() }).collect();
                return Value::object(Class::Plain, entries, span);
            }
            "locations_in" => return self.locations_in(&first, span),
            "is_known" => return Value::new(Data::Bool(first.latest().is_none()), span),
            "known_by" => {
                let stage = match take(1).and_then(|stage| stage.as_string().cloned()).as_deref() {
                    Some("deploy") => Stage::Deploy,
                    _ => Stage::Build,
                };
                return Value::new(Data::Bool(first.stage() <= stage), span);
            }
            "sort_of" => return super::roles::sort_of(&first, span),
            "location_of" => return self.location_of(&first, span),
            "by_size" => {
                let operands = vec![
                    first,
                    take(1).unwrap_or_else(|| Value::none(span)),
                    take(2).unwrap_or_else(|| Value::none(span)),
                ];
                let because = Because { span, text: "documents are written after everything else".into() };
                let kind = LateKind::Operation { name: "by size".into(), operands };
                return Value::late(kind, Type::Any, Stage::Deploy, because, span);
            }
            "framework_image" => {
                let Some(version) = take(1) else { return Value::error(span) };
                for value in [&first, &version] {
                    if let Data::Late(late) = &value.data {
                        self.report_late(value.span, late, Stage::Build, "the version of an image");
                        return Value::error(span);
                    }
                    if value.as_string().is_none() {
                        return self.wrong_argument(function, value, "text");
                    }
                }
                let mut entries = vec![Entry::new("framework", first), Entry::new("version", version)];
                for (index, name) in
                    ["py_version", "pytorch", "tensorflow", "container_version"].into_iter().enumerate()
                {
                    if let Some(value) = take(index + 2) {
                        entries.push(Entry::new(name, value));
                    }
                }
                return Value::object(Class::Image, entries, span);
            }
            "file_of" => return self.file_of(function, &first, take(1), span),
            "image_uri" => {
                let instance = take(1);
                let scope = take(2);
                return self.image_uri(first, instance, scope, span);
            }
            "model_at" => {
                let image = take(1).unwrap_or_else(|| Value::none(span));
                let input = take(2);
                let content_type = take(3);
                return self.model_at(first, image, input, content_type, span);
            }
            "step_name" => {
                let Data::Object(object) = &first.data else { return self.wrong_argument(function, &first, "a step") };
                let Class::Step(node) = object.class else { return self.wrong_argument(function, &first, "a step") };
                let (name, _) = self.step_words(node);
                let because = Because { span, text: "a step ends while an execution runs".into() };
                let kind = LateKind::Response { node, path: Vec::new() };
                let step = Value::late(kind, Type::Any, Stage::Run, because, span);
                return self.operation("made by", vec![Value::string(name, span), step], Type::STRING, span);
            }
            "files_at" => {
                let content_type = take(1).unwrap_or_else(|| Value::none(span));
                let entries = vec![
                    Entry::new("uri", first.clone()),
                    Entry::new("s3", Value::object(Class::Plain, vec![Entry::new("uri", first)], span)),
                    Entry::new("content_type", content_type),
                    Entry::new("open", Value::new(Data::Bool(true), span)),
                ];
                return Value::object(Class::Data(Type::Files(Arc::default())), entries, span);
            }
            "verbatim" => {
                if let Data::Late(late) = &first.data {
                    self.report_late(first.span, late, Stage::Build, "a text that stands in the document as it is");
                    return Value::error(span);
                }
                if first.as_string().is_none() {
                    return self.wrong_argument(function, &first, "text");
                }
                let text = "what stands there is known when the document is used".into();
                let because = Because { span, text };
                let kind = LateKind::Operation { name: "verbatim".into(), operands: vec![first] };
                return Value::late(kind, Type::Any, Stage::Deploy, because, span);
            }
            "get" => {
                if let Data::Late(late) = &first.data {
                    self.report_late(first.span, late, Stage::Build, "a path of the engine");
                    return Value::error(span);
                }
                let Data::String(path) = &first.data else { return self.wrong_argument(function, &first, "text") };
                let text = "a path of the engine is read while an execution runs".into();
                let because = Because { span, text };
                return Value::late(LateKind::Path(path.clone()), Type::Any, Stage::Run, because, span);
            }
            "json_get" => {
                let Some(path) = take(1) else { return Value::error(span) };
                if let Data::Late(late) = &path.data {
                    self.report_late(path.span, late, Stage::Build, "the path in a JSON file");
                    return Value::error(span);
                }
                let Data::String(path) = &path.data else { return self.wrong_argument(function, &path, "text") };
                let because = Because { span, text: "a JSON file is read while an execution runs".into() };
                return Value::late(
                    LateKind::JsonAt { uri: first, path: path.clone() },
                    Type::Any,
                    Stage::Run,
                    because,
                    span,
                );
            }
            "join" => {
                let Some(second) = take(1) else { return Value::error(span) };
                let Data::String(separator) = &first.data else { return self.wrong_argument(function, &first, "text") };
                return match &second.data {
                    Data::List(items) => self.join(separator, items.to_vec(), span),
                    Data::Late(_) => self.operation("join", vec![first, second], Type::STRING, span),
                    _ => self.wrong_argument(function, &second, "a list"),
                };
            }
            "string" => {
                return match &first.data {
                    Data::Late(late) => match late.type_.required() {
                        Type::String(_) | Type::Uri | Type::Arn | Type::Instance(_) => first,
                        _ => {
                            let because = late.because.clone();
                            let stage = late.stage;
                            let kind = LateKind::Join { separator: SmolStr::default(), parts: vec![first.clone()] };
                            Value::late(kind, Type::STRING, stage, because, first.span)
                        }
                    },
                    Data::None => first,
                    Data::List(_) | Data::Object(_) => Value::string(to_json(&first), first.span),
                    _ => match scalar_text(&first) {
                        Some(text) => Value::string(text, first.span),
                        None => self.wrong_argument(function, &first, "a value"),
                    },
                };
            }
            "json" => {
                return if first.latest().is_none() {
                    Value::string(to_json(&first), first.span)
                } else if let Some(late) = first.as_late() {
                    match late.type_.required() {
                        // Text between quotes; what needs an escape inside is left to who gives it.
                        Type::String(_) | Type::Uri | Type::Arn | Type::Instance(_) | Type::Literals(_) => {
                            let quote = Value::string("\"", span);
                            let text = self.join("", vec![quote.clone(), first.clone(), quote], span);
                            self.operation("json", vec![text, first], Type::STRING, span)
                        }
                        _ => {
                            let (because, stage) = (late.because.clone(), late.stage);
                            let kind = LateKind::Join { separator: SmolStr::default(), parts: vec![first.clone()] };
                            Value::late(kind, Type::STRING, stage, because, first.span)
                        }
                    }
                } else {
                    let mut parts = Vec::new();
                    json_parts(&first, &mut parts);
                    let text = self.join("", parts, span);
                    self.operation("json", vec![text, first], Type::STRING, span)
                };
            }
            "type_of" => return Value::string(sort_of(&first), span),
            "merge" => {
                let Some(second) = take(1) else { return Value::error(span) };
                let mut entries = Vec::new();
                self.spread(&mut entries, &first, first.span);
                self.spread(&mut entries, &second, second.span);
                return Value::object(Class::Plain, entries, span);
            }
            _ => {}
        }
        let second = take(1);
        let third = take(2);
        let operands: Vec<Value> = [Some(first.clone()), second.clone(), third.clone()].into_iter().flatten().collect();
        // Which elements are the same, and which comes first, is known when all of them are.
        let compares_late = matches!(function.name, "sort" | "unique")
            && first.as_list().is_some_and(|items| items.iter().any(|item| item.as_late().is_some()));
        if compares_late || operands.iter().any(|value| value.as_late().is_some()) {
            let type_ = match function.name {
                "length" | "int" | "floor" | "ceil" | "mod" => Type::INT,
                "abs" | "float" | "round" | "min" | "max" => Type::FLOAT,
                "contains" | "starts_with" | "ends_with" => Type::Bool,
                "lower" | "upper" | "trim" | "replace" => Type::STRING,
                "split" | "keys" | "values" | "sort" | "unique" | "range" | "entries" => {
                    Type::List(Arc::new(Type::Any))
                }
                _ => Type::Any,
            };
            return self.operation(function.name, operands, type_, span);
        }
        match compute(function.name, &first, second.as_ref(), third.as_ref(), span) {
            Some(value) => value,
            None => self.wrong_argument(function, &first, "another value"),
        }
    }

    pub(super) fn wrong_argument(&mut self, function: &BuiltIn, value: &Value, wanted: &str) -> Value {
        let found = show::describe_value(value);
        let help = format!("`{}({})`: {}", function.name, function.parameters.join(", "), function.doc);
        let found = Diagnostic::new(
            &d::WRONG_ARGUMENT,
            value.span,
            &[("function", &function.name), ("wanted", &wanted), ("found", &found)],
        );
        self.report(found.help(help));
        Value::error(value.span)
    }
}

static FILE_SCOPE: Scope<'static> = Scope { parent: None, names: Vec::new(), block: None };

fn compute(name: &str, first: &Value, second: Option<&Value>, third: Option<&Value>, span: Span) -> Option<Value> {
    let real = |value: &Value| match value.data {
        Data::Int(number) => Some(number as f64),
        Data::Float(number) => Some(number),
        _ => None,
    };
    let boolean = |flag: bool| Some(Value::new(Data::Bool(flag), span));
    let integer = |number: i64| Some(Value::new(Data::Int(number), span));
    match (name, &first.data, second.map(|value| &value.data)) {
        ("abs", Data::Int(number), _) => integer(number.checked_abs()?),
        ("abs", Data::Float(number), _) => Some(Value::new(Data::Float(number.abs()), span)),
        ("ceil", _, _) => integer(real(first)?.ceil() as i64),
        ("floor", _, _) => integer(real(first)?.floor() as i64),
        ("round", _, None) => integer(real(first)?.round() as i64),
        ("round", _, Some(Data::Int(digits))) => {
            let factor = 10f64.powi(i32::try_from(*digits).ok()?);
            Some(Value::new(Data::Float((real(first)? * factor).round() / factor), span))
        }
        ("int", Data::String(text), _) => integer(text.trim().parse().ok()?),
        ("int", _, _) => integer(real(first)?.trunc() as i64),
        ("float", Data::String(text), _) => Some(Value::new(Data::Float(text.trim().parse().ok()?), span)),
        ("float", _, _) => Some(Value::new(Data::Float(real(first)?), span)),
        ("min" | "max", _, Some(_)) => {
            let other = second?;
            let takes_first = if name == "min" { real(first)? <= real(other)? } else { real(first)? >= real(other)? };
            Some(if takes_first { first.clone() } else { other.clone() })
        }
        ("mod", Data::Int(a), Some(Data::Int(b))) if *b != 0 => integer(a.rem_euclid(*b)),
        ("contains", Data::String(text), Some(Data::String(part))) => boolean(text.contains(part.as_str())),
        ("closest", Data::String(text), Some(Data::List(items))) => {
            let near =
                crate::diagnostics::closest(text, items.iter().filter_map(|item| item.as_string()).map(|i| i.as_str()));
            Some(near.map_or_else(|| Value::none(span), |near| Value::string(near, span)))
        }
        ("contains", Data::List(items), Some(_)) => {
            let other = second?;
            boolean(items.iter().any(|item| super::operators::equal(item, other).unwrap_or(false)))
        }
        ("starts_with", Data::String(text), Some(Data::String(part))) => boolean(text.starts_with(part.as_str())),
        ("ends_with", Data::String(text), Some(Data::String(part))) => boolean(text.ends_with(part.as_str())),
        ("lower", Data::String(text), _) => Some(Value::string(text.to_lowercase(), span)),
        ("upper", Data::String(text), _) => Some(Value::string(text.to_uppercase(), span)),
        ("trim", Data::String(text), _) => Some(Value::string(text.trim(), span)),
        ("replace", Data::String(text), Some(Data::String(part))) => match third.map(|value| &value.data) {
            Some(Data::String(by)) => Some(Value::string(text.replace(part.as_str(), by), span)),
            _ => None,
        },
        ("split", Data::String(text), Some(Data::String(separator))) if !separator.is_empty() => {
            Some(Value::list(text.split(separator.as_str()).map(|part| Value::string(part, span)).collect(), span))
        }
        ("length", Data::String(text), _) => integer(text.chars().count() as i64),
        ("length", Data::List(items), _) => integer(items.len() as i64),
        ("length", Data::Object(object), _) => {
            integer(object.entries.iter().filter(|e| !e.value.is_none()).count() as i64)
        }
        ("length", Data::None, _) => integer(0),
        ("keys", Data::Object(object), _) => Some(Value::list(
            object
                .entries
                .iter()
                .filter(|entry| !entry.value.is_none())
                .map(|entry| Value::string(entry.key.clone(), entry.key_span))
                .collect(),
            span,
        )),
        ("keys" | "values" | "entries", Data::None, _) => Some(Value::list(Vec::new(), span)),
        ("values", Data::Object(object), _) => {
            Some(Value::list(object.entries.iter().map(|entry| entry.value.clone()).collect(), span))
        }
        ("entries", Data::Object(object), _) => Some(Value::list(
            object
                .entries
                .iter()
                .map(|entry| {
                    let key = Entry::new("key", Value::string(entry.key.clone(), entry.key_span));
                    Value::object(Class::Plain, vec![key, Entry::new("value", entry.value.clone())], span)
                })
                .collect(),
            span,
        )),
        ("range", Data::Int(count), _) if (0..=10_000).contains(count) => {
            Some(Value::list((0..*count).map(|number| Value::new(Data::Int(number), span)).collect(), span))
        }
        ("unique", Data::List(items), _) => {
            let mut list: Vec<Value> = Vec::new();
            for item in items.iter() {
                if !list.iter().any(|other| super::operators::equal(other, item).unwrap_or(false)) {
                    list.push(item.clone());
                }
            }
            Some(Value::list(list, span))
        }
        ("sort", Data::List(items), _) => {
            let mut list = items.to_vec();
            if list.iter().all(|item| item.as_string().is_some()) {
                list.sort_by(|a, b| a.as_string().cmp(&b.as_string()));
            } else if list.iter().all(|item| real(item).is_some()) {
                list.sort_by(|a, b| real(a).partial_cmp(&real(b)).unwrap_or(std::cmp::Ordering::Equal));
            } else {
                return None;
            }
            Some(Value::list(list, span))
        }
        _ => None,
    }
}

/// What a value is, in a word.
fn sort_of(value: &Value) -> &'static str {
    match &value.data {
        Data::Bool(_) => "bool",
        Data::Int(_) => "int",
        Data::Float(_) | Data::Percent(_) => "float",
        Data::String(_) | Data::Duration(_) | Data::Size(_) => "string",
        Data::List(_) => "list",
        Data::Object(object) => match object.class {
            Class::Data(_) | Class::File => "data",
            _ => "object",
        },
        Data::Null => "null",
        Data::None => "none",
        Data::Late(late) => match late.type_.required() {
            Type::Bool => "bool",
            Type::Int(_) => "int",
            Type::Float(_) | Type::Percent(_) => "float",
            Type::String(_) | Type::Uri | Type::Arn | Type::Instance(_) | Type::Literals(_) => "string",
            Type::List(_) => "list",
            Type::Record(_) | Type::Map(_) => "object",
            _ => "any",
        },
        Data::Error | Data::Function(_) => "any",
    }
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    pub(super) fn names_are_in_order_so_that_they_can_be_searched() {
        assert!(TABLE.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
