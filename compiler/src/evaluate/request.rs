//! Requests against the API's own model: names, types, required members, values, patterns, ranges.

use std::fmt::Write as _;
use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::Evaluator;
use super::application::Context;
use super::data::same_member;
use crate::diagnostics::{self as d, Diagnostic, closest, list_of, shorten};
use crate::facts::{Service, ShapeId, ShapeKind};
use crate::plan::Engine;
use crate::source::Span;
use crate::syntax::tree::{Expression, ExpressionKind, Name};
use crate::types::{Class, Data, Entry, Late, Literal, Type, Value, show};

struct Checking<'c> {
    operation: SmolStr,
    /// Members that need not be there: `RoleArn`, `TrainingJobDefinitions[].RoleArn`.
    not_required: Vec<SmolStr>,
    keeps_api_case: bool,
    context: &'c Context<'c>,
    path: String,
}

impl Evaluator<'_> {
    /// Service and operation of a kind's `call`; a finding where there is none such.
    pub(crate) fn call_path(&mut self, path: &Expression) -> Option<(SmolStr, SmolStr)> {
        if let Some(known) = self.calls.get(&path.span) {
            return Some(known.clone());
        }
        let found = self.read_call_path(path)?;
        self.calls.insert(path.span, found.clone());
        Some(found)
    }

    fn read_call_path(&mut self, path: &Expression) -> Option<(SmolStr, SmolStr)> {
        let mut names: Vec<Name> = Vec::new();
        let mut at = path.clone();
        loop {
            match &*at.kind.clone() {
                ExpressionKind::Member { base, name, .. } => {
                    names.push(name.clone());
                    at = base.clone();
                }
                ExpressionKind::Name(first) if first == "aws" => break,
                _ => {
                    self.report(Diagnostic::new(&d::CALL_PATH, path.span, &[]));
                    return None;
                }
            }
        }
        names.reverse();
        self.operation_of(&names, path.span)
    }

    /// Checks `aws.<service>.<Operation>`.
    pub(crate) fn operation_of(&mut self, names: &[Name], span: Span) -> Option<(SmolStr, SmolStr)> {
        let [service, operation] = names else {
            self.report(Diagnostic::new(&d::CALL_PATH, span, &[]));
            return None;
        };
        let Some(model) = self.facts.service(&service.text) else {
            let services = self.facts.services();
            let near = closest(&service.text, services.iter().copied()).map(str::to_owned);
            let found = Diagnostic::new(&d::UNKNOWN_SERVICE, service.span, &[("service", &service.text)]);
            self.report(match near {
                Some(near) => {
                    found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), service.span, near)
                }
                None => found,
            });
            return None;
        };
        if model.operation(&operation.text).is_none() {
            let found = Diagnostic::new(
                &d::UNKNOWN_OPERATION,
                operation.span,
                &[("service", &service.text), ("operation", &operation.text)],
            );
            let operations = model.operations();
            let near = closest(&operation.text, operations.iter().copied());
            self.report(match near {
                Some(near) => found.help(format!("did you mean `{near}`?")).fix(
                    format!("Change to `{near}`"),
                    operation.span,
                    near,
                ),
                None => found,
            });
            return None;
        }
        Some((service.text.clone(), operation.text.clone()))
    }

    /// The member of a request that a key with a small first letter was meant to be.
    pub(crate) fn request_member(
        &mut self,
        service: &str,
        operation: &str,
        key: &crate::syntax::tree::StringOrName,
    ) -> Option<String> {
        if key.quoted || !key.text.starts_with(|first: char| first.is_lowercase()) {
            return None;
        }
        if self.common_fields()?.kind.fields.iter().any(|field| field.name.text == key.text) {
            return None;
        }
        let model = self.facts.service(service)?;
        let shape = model.shape(model.operation(operation)?.input?);
        let ShapeKind::Structure { members, .. } = &shape.kind else { return None };
        members.iter().find(|member| same_member(&member.name, &pascal(&key.text))).map(|member| pascal(&member.name))
    }

    /// A request checked against the input of its operation. Members come back in the letter case the engine wants.
    pub(crate) fn check_request(
        &mut self,
        service: &str,
        operation: &str,
        request: Value,
        omitted: &[SmolStr],
        context: &Context<'_>,
        engine: Option<&'static dyn Engine>,
    ) -> Value {
        let Some(model) = self.facts.service(service) else { return request };
        let Some(input) = model.operation(operation).and_then(|operation| operation.input) else {
            return request;
        };
        let mut not_required = omitted.to_vec();
        if let Some(engine) = engine {
            let key = (SmolStr::from(service), format_smolstr!("{}.{operation}", engine.name()));
            let known = match self.not_required.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let known: Arc<[SmolStr]> = engine.not_required(&self.facts, service, operation).into();
                    self.not_required.insert(key, known.clone());
                    known
                }
            };
            not_required.extend(known.iter().cloned());
        }
        let mut checking = Checking {
            operation: operation.into(),
            not_required,
            keeps_api_case: engine.is_some_and(|engine| engine.keeps_api_case(&self.facts, service, operation)),
            context,
            path: String::with_capacity(128),
        };
        self.member_value(&model, &mut checking, input, request)
    }

    /// Where a finding about a part of a request belongs: the user's text, or the step if the part is the library's.
    fn request_finding(
        &self,
        checking: &Checking<'_>,
        place: Span,
        make: impl FnOnce(Span) -> Diagnostic,
    ) -> Diagnostic {
        let is_library = place.is_none() || self.modules.sources.get(place.file).is_library;
        if is_library {
            // One line is enough to find it.
            let text = self.modules.sources.text(place);
            let length = text.find('\n').unwrap_or(text.len()) as u32;
            let line = Span { end: place.start + length, ..place };
            make(checking.context.name_span).related(line, "written here by the kind")
        } else {
            make(place)
        }
    }

    fn request_type(&mut self, checking: &Checking<'_>, value: &Value, expected: &str) -> Value {
        let found = show::describe_value(value);
        let what = format!("`{}`", checking.path.trim_start_matches('.'));
        let diagnostic = self.request_finding(checking, value.span, |place| {
            Diagnostic::new(&d::REQUEST_TYPE, place, &[("member", &what), ("expected", &expected), ("found", &found)])
        });
        let diagnostic = match (&value.data, expected) {
            (Data::Int(_) | Data::Float(_) | Data::Bool(_), "text") => {
                let text = self.modules.sources.text(value.span).to_owned();
                if diagnostic.primary.span == value.span {
                    diagnostic.fix("Add quotes", value.span, format!("\"{text}\""))
                } else {
                    diagnostic
                }
            }
            (Data::Late(_), "text") => diagnostic.help("`string(…)` makes text of a number or truth value"),
            (Data::Duration(_), _) => diagnostic.help("take the amount in a unit: `.seconds`, `.minutes`, `.hours`"),
            (Data::Size(_), _) => diagnostic.help("take the amount in a unit: `.gb`, `.mb`"),
            _ => diagnostic,
        };
        self.report(diagnostic);
        Value::error(value.span)
    }

    fn member_value(&mut self, service: &Service, checking: &mut Checking<'_>, id: ShapeId, value: Value) -> Value {
        let shape = service.shape(id);
        let mut value = plain(value);
        match &value.data {
            Data::Error | Data::None | Data::Null => return value,
            Data::Late(late) => {
                let late = late.clone();
                return self.late_member(checking, &shape.kind, &value, &late);
            }
            _ => {}
        }
        match &shape.kind {
            ShapeKind::Structure { members, union, .. } => {
                let Data::Object(object) = &mut value.data else {
                    return self.request_type(checking, &value, "an object");
                };
                let object = Arc::make_mut(object);
                object.class = Class::Plain;
                let mut unknown = false;
                object.entries.retain_mut(|entry| {
                    let Some(member) = members.iter().find(|member| same_member(&member.name, &entry.key)) else {
                        if !entry.unchecked && !entry.value.is_none() {
                            unknown = true;
                            self.unknown_member(checking, entry, members.iter().map(|member| member.name.as_str()));
                        }
                        return entry.unchecked;
                    };
                    if entry.value.is_none() {
                        return false;
                    }
                    let length = checking.path.len();
                    checking.path.push('.');
                    checking.path.push_str(&entry.key);
                    entry.value = self.member_value(service, checking, member.shape, entry.value.take());
                    checking.path.truncate(length);
                    entry.key = if checking.keeps_api_case { member.name.clone() } else { pascal(&member.name).into() };
                    true
                });
                let lacks = |name: &SmolStr| !object.entries.iter().any(|entry| same_member(name, &entry.key));
                let mut missing: Vec<&SmolStr> =
                    members.iter().filter(|m| m.required && lacks(&m.name)).map(|m| &m.name).collect();
                if !missing.is_empty() {
                    let place = without_positions(&checking.path);
                    missing.retain(|name| !checking.not_required.contains(&format_smolstr!("{place}{name}")));
                }
                if !missing.is_empty() && !unknown {
                    let names: Vec<String> = missing.iter().map(|name| pascal(name)).collect();
                    let names = list_of(names.iter().map(String::as_str));
                    let place = if checking.path.is_empty() {
                        format!("`{}`", checking.operation)
                    } else {
                        format!("`{}`", checking.path.trim_start_matches('.'))
                    };
                    let diagnostic = self.request_finding(checking, value.span, |span| {
                        Diagnostic::new(&d::REQUEST_MISSING, span, &[("place", &place), ("members", &names)])
                    });
                    self.report(diagnostic);
                }
                if *union && object.entries.len() > 1 {
                    let names = list_of(object.entries.iter().map(|entry| entry.key.as_str()));
                    let place = format!("`{}`", checking.path.trim_start_matches('.'));
                    let diagnostic = self.request_finding(checking, value.span, |span| {
                        Diagnostic::new(&d::REQUEST_UNION, span, &[("place", &place), ("members", &names)])
                    });
                    self.report(diagnostic);
                }
                value
            }
            ShapeKind::List { member, min, max } => {
                let span = value.span;
                let Data::List(items) = &mut value.data else { return self.request_type(checking, &value, "a list") };
                self.count(checking, span, items.len(), *min, *max, "elements");
                for (index, item) in Arc::make_mut(items).iter_mut().enumerate() {
                    let length = checking.path.len();
                    // Writing to a text cannot fail.
                    let _ = write!(checking.path, "[{index}]");
                    *item = self.member_value(service, checking, *member, item.take());
                    checking.path.truncate(length);
                }
                value
            }
            ShapeKind::Map { key, value: inner, min, max } => {
                let span = value.span;
                let Data::Object(object) = &mut value.data else {
                    return self.request_type(checking, &value, "an object");
                };
                let count = object.entries.iter().filter(|entry| !entry.value.is_none()).count();
                self.count(checking, span, count, *min, *max, "entries");
                let object = Arc::make_mut(object);
                object.class = Class::Plain;
                for entry in &mut object.entries {
                    let length = checking.path.len();
                    checking.path.push('.');
                    checking.path.push_str(&entry.key);
                    self.member_value(service, checking, *key, Value::string(entry.key.clone(), entry.key_span));
                    entry.value = self.member_value(service, checking, *inner, entry.value.take());
                    checking.path.truncate(length);
                }
                value
            }
            ShapeKind::String { min, max, pattern, values } => {
                let Data::String(text) = &value.data else { return self.request_type(checking, &value, "text") };
                if !values.is_empty() {
                    if !values.contains(text) {
                        self.not_a_value(checking, value.span, text, values);
                        return Value::error(value.span);
                    }
                    return value;
                }
                let fits = self.count(checking, value.span, characters(text), *min, *max, "characters");
                if let Some(pattern) = pattern.as_ref().filter(|_| fits)
                    && pattern.matches(text) == Some(false)
                {
                    let member = checking.path.trim_start_matches('.').to_owned();
                    let shown = shorten(text, 60);
                    let diagnostic = self.request_finding(checking, value.span, |place| {
                        Diagnostic::new(
                            &d::REQUEST_PATTERN,
                            place,
                            &[("member", &member), ("value", &shown), ("pattern", &pattern.as_str())],
                        )
                    });
                    self.report(diagnostic);
                }
                value
            }
            ShapeKind::Integer { min, max } | ShapeKind::Long { min, max } => match value.data {
                Data::Int(number) => {
                    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                        let low = min.map(|min| min.to_string());
                        let high = max.map(|max| max.to_string());
                        self.out_of_range(checking, value.span, &number.to_string(), low, high);
                    }
                    value
                }
                _ => self.request_type(checking, &value, "an integer"),
            },
            ShapeKind::Float { min, max } | ShapeKind::Double { min, max } => {
                let number = match value.data {
                    Data::Int(number) => number as f64,
                    Data::Float(number) => number,
                    _ => return self.request_type(checking, &value, "a number"),
                };
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                    let (low, high) = (min.map(show::number), max.map(show::number));
                    self.out_of_range(checking, value.span, &show::number(number), low, high);
                }
                value
            }
            ShapeKind::Boolean => match value.data {
                Data::Bool(_) => value,
                _ => self.request_type(checking, &value, "`true` or `false`"),
            },
            ShapeKind::Timestamp => match value.data {
                Data::String(_) | Data::Int(_) | Data::Float(_) => value,
                _ => self.request_type(checking, &value, "a time"),
            },
            ShapeKind::Blob { .. } | ShapeKind::Document => value,
        }
    }

    fn late_member(
        &mut self,
        checking: &mut Checking<'_>,
        shape: &ShapeKind,
        value: &Value,
        late: &Arc<Late>,
    ) -> Value {
        let type_ = late.type_.required();
        let expected = match shape {
            ShapeKind::String { values, .. } => match type_ {
                Type::Literals(literals) if !values.is_empty() => {
                    for literal in literals.iter() {
                        if let Literal::String(text) = literal
                            && !values.contains(text)
                        {
                            self.not_a_value(checking, value.span, text, values);
                            return Value::error(value.span);
                        }
                    }
                    return value.clone();
                }
                Type::Int(_)
                | Type::Float(_)
                | Type::Bool
                | Type::Duration(_)
                | Type::Size(_)
                | Type::List(_)
                | Type::Map(_) => "text",
                _ => return value.clone(),
            },
            ShapeKind::Integer { .. } | ShapeKind::Long { .. } => match type_ {
                Type::Int(_) | Type::Any | Type::Error | Type::Literals(_) => return value.clone(),
                _ => "an integer",
            },
            ShapeKind::Float { .. } | ShapeKind::Double { .. } => match type_ {
                Type::Int(_) | Type::Float(_) | Type::Any | Type::Error | Type::Literals(_) => return value.clone(),
                _ => "a number",
            },
            ShapeKind::Boolean => match type_ {
                Type::Bool | Type::Any | Type::Error => return value.clone(),
                _ => "`true` or `false`",
            },
            ShapeKind::Structure { .. } | ShapeKind::Map { .. } => match type_ {
                Type::Any | Type::Error | Type::Map(_) | Type::Record(_) | Type::Shape { .. } => return value.clone(),
                _ => "an object",
            },
            ShapeKind::List { .. } => match type_ {
                Type::Any | Type::Error | Type::List(_) | Type::Shape { .. } => return value.clone(),
                _ => "a list",
            },
            ShapeKind::Timestamp | ShapeKind::Blob { .. } | ShapeKind::Document => return value.clone(),
        };
        self.request_type(checking, value, expected)
    }

    fn unknown_member<'m>(&mut self, checking: &Checking<'_>, entry: &Entry, members: impl Iterator<Item = &'m str>) {
        let names: Vec<String> = members.map(pascal).collect();
        let place = if checking.path.is_empty() {
            format_smolstr!("{}", checking.operation)
        } else {
            checking.path.trim_start_matches('.').into()
        };
        let diagnostic = self.request_finding(checking, entry.key_span, |span| {
            Diagnostic::new(&d::REQUEST_UNKNOWN, span, &[("place", &place), ("member", &entry.key)])
        });
        let diagnostic = match closest(&entry.key, names.iter().map(String::as_str)) {
            Some(near) if diagnostic.primary.span == entry.key_span => diagnostic
                .help(format!("did you mean `{near}`?"))
                .fix(format!("Change to `{near}`"), entry.key_span, near),
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(
                "if the service has it since the facts were made: `...unchecked({ … })` lets it through, and so do newer facts (`--facts`)",
            ),
        };
        self.report(diagnostic);
    }

    fn not_a_value(&mut self, checking: &Checking<'_>, span: Span, text: &SmolStr, values: &[SmolStr]) {
        let member = checking.path.trim_start_matches('.').to_owned();
        let diagnostic = self.request_finding(checking, span, |place| {
            Diagnostic::new(&d::REQUEST_VALUE, place, &[("member", &member), ("value", text)])
        });
        let near = closest(text, values.iter().map(|value| value.as_str()));
        let diagnostic = match near {
            Some(near) => {
                let fixed = format!("\"{near}\"");
                let is_here = diagnostic.primary.span == span && self.modules.sources.text(span).starts_with('"');
                let diagnostic = diagnostic.help(format!("did you mean {fixed}?"));
                if is_here { diagnostic.fix(format!("Change to {fixed}"), span, fixed) } else { diagnostic }
            }
            None if values.len() <= 16 => diagnostic.help(format!("there is {}", values.join(", "))),
            None => diagnostic,
        };
        self.report(diagnostic);
    }

    fn out_of_range(
        &mut self,
        checking: &Checking<'_>,
        span: Span,
        value: &str,
        low: Option<String>,
        high: Option<String>,
    ) {
        let limit = limits(low, high);
        let member = checking.path.trim_start_matches('.').to_owned();
        let diagnostic = self.request_finding(checking, span, |place| {
            Diagnostic::new(&d::REQUEST_RANGE, place, &[("member", &member), ("value", &value), ("limit", &limit)])
        });
        self.report(diagnostic);
    }

    fn count(
        &mut self,
        checking: &Checking<'_>,
        place: Span,
        count: usize,
        min: Option<u64>,
        max: Option<u64>,
        what: &str,
    ) -> bool {
        if min.is_none_or(|min| count as u64 >= min) && max.is_none_or(|max| count as u64 <= max) {
            return true;
        }
        let limit = limits(min.map(|min| min.to_string()), max.map(|max| max.to_string()));
        let member = checking.path.trim_start_matches('.').to_owned();
        let diagnostic = self.request_finding(checking, place, |place| {
            Diagnostic::new(
                &d::REQUEST_COUNT,
                place,
                &[("member", &member), ("count", &count), ("what", &what), ("limit", &limit)],
            )
        });
        self.report(diagnostic);
        false
    }
}

/// What stands for its location, ARN or URI inside a request.
fn plain(value: Value) -> Value {
    let Data::Object(object) = &value.data else { return value };
    let key = match &object.class {
        Class::Data(_) | Class::File => "uri",
        Class::Resource(_) => "name",
        Class::Plain
        | Class::Descriptor(_)
        | Class::Step(_)
        | Class::Instance(_)
        | Class::Image
        | Class::Call { .. } => return value,
    };
    match object.get(key) {
        Some(inner) => inner.clone().at(value.span),
        None => value,
    }
}

fn characters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// `A.B[]` and a dot for `.A.B[3]`; nothing for the request itself.
fn without_positions(path: &str) -> String {
    let mut place = String::new();
    for part in path.split('.').skip(1) {
        place.push_str(part.split('[').next().unwrap_or(part));
        place.push_str(if part.contains('[') { "[]." } else { "." });
    }
    place
}

pub(super) fn limits(low: Option<String>, high: Option<String>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low == high => format!("exactly {low}"),
        (Some(low), Some(high)) => format!("from {low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => String::new(),
    }
}

/// A member as the language writes it.
pub(crate) fn pascal(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
