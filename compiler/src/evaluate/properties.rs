//! Properties of resources against CloudFormation's own schemas: names, types, required ones, values, patterns, ranges.

use std::sync::Arc;

use serde_json::Value as Json;
use smol_str::SmolStr;

use super::Evaluator;
use super::application::Context;
use crate::diagnostics::{self as d, Diagnostic, closest, list_of, shorten};
use crate::facts::ResourceType;
use crate::source::Span;
use crate::types::{Class, Data, Entry, Stage, Value, show};

struct Checking<'c> {
    type_: &'c ResourceType,
    context: &'c Context<'c>,
    path: String,
}

impl Evaluator<'_> {
    /// A resource type by its name, read once.
    pub(super) fn resource_type(&mut self, name: &str) -> Option<Arc<ResourceType>> {
        if let Some(known) = self.resource_types.get(name) {
            return known.clone();
        }
        let found = self.facts.resource_type(name);
        self.resource_types.insert(name.into(), found.clone());
        found
    }

    /// The properties of a resource, checked; locations and resources become what stands for them.
    pub(super) fn check_properties(
        &mut self,
        type_: &Arc<ResourceType>,
        properties: &Value,
        context: &Context<'_>,
    ) -> Value {
        let mut checking = Checking { type_, context, path: String::new() };
        self.property(&mut checking, &type_.schema, properties)
    }

    fn property_finding(
        &self,
        checking: &Checking<'_>,
        place: Span,
        make: impl FnOnce(Span) -> Diagnostic,
    ) -> Diagnostic {
        if self.is_users(place) {
            return make(place);
        }
        let text = self.modules.sources.text(place);
        let length = text.find('\n').unwrap_or(text.len()) as u32;
        make(checking.context.name_span)
            .related(Span { end: place.start + length, ..place }, "written here by the kind")
    }

    fn property_type(&mut self, checking: &Checking<'_>, value: &Value, expected: &str) -> Value {
        let found = show::describe_value(value);
        let what = format!("`{}`", checking.path.trim_start_matches('.'));
        let diagnostic = self.property_finding(checking, value.span, |place| {
            Diagnostic::new(&d::REQUEST_TYPE, place, &[("member", &what), ("expected", &expected), ("found", &found)])
        });
        let diagnostic = match (&value.data, expected) {
            (Data::Int(_) | Data::Float(_) | Data::Bool(_), "text") if diagnostic.primary.span == value.span => {
                let text = self.modules.sources.text(value.span).to_owned();
                diagnostic.fix("Add quotes", value.span, format!("\"{text}\""))
            }
            (Data::Duration(_), _) => diagnostic.help("take the amount in a unit: `.seconds`, `.minutes`, `.hours`"),
            (Data::Size(_), _) => diagnostic.help("take the amount in a unit: `.gb`, `.mb`"),
            _ => diagnostic,
        };
        self.report(diagnostic);
        Value::error(value.span)
    }

    fn property(&mut self, checking: &mut Checking<'_>, schema: &Json, value: &Value) -> Value {
        let schema = resolved(checking.type_, schema);
        let value = plain(value, schema);
        match &value.data {
            Data::Error | Data::None | Data::Null => return value,
            Data::Late(late) => {
                if late.stage > Stage::Deploy {
                    let what = format!("`{}`", checking.path.trim_start_matches('.'));
                    return self.fit(&value, &crate::types::Type::Any, Stage::Deploy, format_args!("{what}"));
                }
                return value;
            }
            _ => {}
        }
        let types: Vec<&str> = match &schema["type"] {
            Json::String(one) => vec![one],
            Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let has_members = schema.get("properties").is_some() || schema.get("patternProperties").is_some();
        match &value.data {
            // A function of the template itself gives what nobody knows yet.
            Data::Object(object) if matches!(object.entries.as_slice(), [only] if only.key.starts_with("Fn::") || only.key == "Ref") => {
                self.fit(&value, &crate::types::Type::Any, Stage::Deploy, format_args!("a function of the template"))
            }
            Data::Object(object) if object.class == Class::Plain => {
                if !types.is_empty() && !types.contains(&"object") {
                    return self.property_type(checking, &value, expected(&types));
                }
                if !has_members && alternatives(schema).is_none() {
                    let what = format!("`{}`", checking.path.trim_start_matches('.'));
                    return self.fit(&value, &crate::types::Type::Any, Stage::Deploy, format_args!("{what}"));
                }
                self.members(checking, schema, &value)
            }
            Data::Object(_) | Data::Function(_) => self.property_type(checking, &value, expected(&types)),
            Data::List(items) => {
                if !types.is_empty() && !types.contains(&"array") {
                    return self.property_type(checking, &value, expected(&types));
                }
                let items: Vec<Value> = items.iter().filter(|item| !item.is_none()).cloned().collect();
                self.property_count(checking, schema, &value, items.len(), ("minItems", "maxItems"), "elements");
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let length = checking.path.len();
                    checking.path.push_str(&format!("[{index}]"));
                    list.push(match schema.get("items") {
                        Some(inner) => self.property(checking, inner, item),
                        None => self.fit(item, &crate::types::Type::Any, Stage::Deploy, format_args!("an element")),
                    });
                    checking.path.truncate(length);
                }
                Value::list(list, value.span)
            }
            Data::String(text) => {
                if !types.is_empty() && !types.contains(&"string") {
                    return self.property_type(checking, &value, expected(&types));
                }
                self.property_text(checking, schema, &value, text);
                value
            }
            Data::Int(_) | Data::Float(_) => {
                let is_whole = matches!(value.data, Data::Int(_));
                let fits = types.contains(&"number") || (is_whole && types.contains(&"integer"));
                if !types.is_empty() && !fits {
                    return self.property_type(checking, &value, expected(&types));
                }
                let number = match value.data {
                    Data::Int(number) => number as f64,
                    Data::Float(number) => number,
                    _ => 0.0,
                };
                let (low, high) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
                if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
                    let limit = super::request::limits(low.map(show::number), high.map(show::number));
                    let member = checking.path.trim_start_matches('.').to_owned();
                    let shown = show::number(number);
                    let found = self.property_finding(checking, value.span, |place| {
                        let parts: [(&str, &dyn std::fmt::Display); 3] =
                            [("member", &member), ("value", &shown), ("limit", &limit)];
                        Diagnostic::new(&d::REQUEST_RANGE, place, &parts)
                    });
                    self.report(found);
                }
                value
            }
            Data::Bool(_) => {
                if !types.is_empty() && !types.contains(&"boolean") {
                    return self.property_type(checking, &value, expected(&types));
                }
                value
            }
            Data::Duration(_) | Data::Size(_) | Data::Percent(_) => {
                self.property_type(checking, &value, expected(&types))
            }
            Data::Error | Data::None | Data::Null | Data::Late(_) => value,
        }
    }

    fn members(&mut self, checking: &mut Checking<'_>, schema: &Json, value: &Value) -> Value {
        let Some(object) = value.as_object().cloned() else { return value.clone() };
        let given: Vec<&SmolStr> =
            object.entries.iter().filter(|entry| !entry.value.is_none()).map(|entry| &entry.key).collect();
        // Of several forms, the one that knows most of what is given.
        let chosen = alternatives(schema).and_then(|forms| {
            forms
                .iter()
                .map(|form| resolved(checking.type_, form))
                .filter(|form| form.get("properties").is_some())
                .max_by_key(|form| {
                    let known = given.iter().filter(|key| form["properties"].get(key.as_str()).is_some()).count();
                    let lacking = form["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
                    let lacking = lacking.filter(|name| !given.iter().any(|key| key == name)).count();
                    (known, std::cmp::Reverse(lacking))
                })
        });
        let read_only: Vec<&str> = if checking.path.is_empty() {
            let paths = checking.type_.schema["readOnlyProperties"].as_array().into_iter().flatten();
            paths.filter_map(|path| path.as_str()?.strip_prefix("/properties/")).collect()
        } else {
            Vec::new()
        };
        let find = |key: &str| -> Option<Json> {
            if read_only.contains(&key) {
                return None;
            }
            [Some(schema), chosen].into_iter().flatten().find_map(|schema| {
                schema["properties"].get(key).cloned().or_else(|| {
                    let patterns = schema.get("patternProperties")?.as_object()?;
                    patterns.values().next().cloned()
                })
            })
        };
        let is_open = schema["additionalProperties"].as_bool() != Some(false)
            && chosen.is_none_or(|form| form["additionalProperties"].as_bool() != Some(false))
            && !checking.path.is_empty();
        let mut entries = Vec::with_capacity(object.entries.len());
        let mut unknown = false;
        for entry in object.entries.iter().filter(|entry| !entry.value.is_none()) {
            if entry.unchecked {
                entries.push(entry.clone());
                continue;
            }
            let Some(member) = find(&entry.key) else {
                if is_open {
                    entries.push(entry.clone());
                    continue;
                }
                unknown = true;
                let names: Vec<&str> = [Some(schema), chosen]
                    .into_iter()
                    .flatten()
                    .filter_map(|schema| schema["properties"].as_object())
                    .flat_map(|members| members.keys().map(String::as_str))
                    .filter(|name| !read_only.contains(name))
                    .collect();
                let place = self.property_place(checking);
                let found = self.property_finding(checking, entry.key_span, |span| {
                    Diagnostic::new(&d::REQUEST_UNKNOWN, span, &[("place", &place), ("member", &entry.key)])
                });
                let is_here = found.primary.span == entry.key_span;
                self.report(match closest(&entry.key, names) {
                    Some(near) if is_here => found.help(format!("did you mean `{near}`?")).fix(
                        format!("Change to `{near}`"),
                        entry.key_span,
                        near,
                    ),
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None => found.help(
                        "if the type has it since the facts were made: `...unchecked({ … })` lets it through, and so do newer facts (`--facts`)",
                    ),
                });
                continue;
            };
            let length = checking.path.len();
            checking.path.push('.');
            checking.path.push_str(&entry.key);
            let inner = self.property(checking, &member, &entry.value);
            checking.path.truncate(length);
            entries.push(Entry { value: inner, ..entry.clone() });
        }
        let required = |schema: &Json| -> Vec<String> {
            let names = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
            names.filter(|name| !given.iter().any(|key| key == name)).map(str::to_owned).collect()
        };
        let mut missing = required(schema);
        missing.extend(chosen.map(required).unwrap_or_default());
        missing.dedup();
        if !missing.is_empty() && !unknown && !object.entries.iter().any(|entry| entry.unchecked) {
            let names = list_of(missing.iter().map(String::as_str));
            let place = format!("`{}`", self.property_place(checking));
            let found = self.property_finding(checking, value.span, |span| {
                Diagnostic::new(&d::REQUEST_MISSING, span, &[("place", &place), ("members", &names)])
            });
            self.report(found);
        }
        Value::object(Class::Plain, entries, value.span)
    }

    fn property_place(&self, checking: &Checking<'_>) -> String {
        if checking.path.is_empty() {
            checking.type_.name.to_string()
        } else {
            checking.path.trim_start_matches('.').to_owned()
        }
    }

    fn property_count(
        &mut self,
        checking: &Checking<'_>,
        schema: &Json,
        value: &Value,
        count: usize,
        keys: (&str, &str),
        what: &str,
    ) -> bool {
        let (low, high) = (schema[keys.0].as_u64(), schema[keys.1].as_u64());
        if low.is_none_or(|low| count as u64 >= low) && high.is_none_or(|high| count as u64 <= high) {
            return true;
        }
        let limit = super::request::limits(low.map(|low| low.to_string()), high.map(|high| high.to_string()));
        let member = checking.path.trim_start_matches('.').to_owned();
        let found = self.property_finding(checking, value.span, |place| {
            Diagnostic::new(
                &d::REQUEST_COUNT,
                place,
                &[("member", &member), ("count", &count), ("what", &what), ("limit", &limit)],
            )
        });
        self.report(found);
        false
    }

    fn property_text(&mut self, checking: &Checking<'_>, schema: &Json, value: &Value, text: &SmolStr) {
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<&str> = values.iter().filter_map(Json::as_str).collect();
            if !values.is_empty() && !values.contains(&text.as_str()) {
                let member = checking.path.trim_start_matches('.').to_owned();
                let found = self.property_finding(checking, value.span, |place| {
                    Diagnostic::new(&d::REQUEST_VALUE, place, &[("member", &member), ("value", text)])
                });
                let is_here = found.primary.span == value.span;
                self.report(match closest(text, values.iter().copied()) {
                    Some(near) => {
                        let fixed = format!("\"{near}\"");
                        let found = found.help(format!("did you mean {fixed}?"));
                        if is_here { found.fix(format!("Change to {fixed}"), value.span, fixed) } else { found }
                    }
                    None if values.len() <= 16 => found.help(format!("there is {}", values.join(", "))),
                    None => found,
                });
            }
            return;
        }
        let fits = self.property_count(
            checking,
            schema,
            value,
            text.chars().count(),
            ("minLength", "maxLength"),
            "characters",
        );
        if let Some(pattern) = schema.get("pattern").filter(|_| fits) {
            let key = pattern.to_string();
            let pattern = match self.patterns.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let made = crate::facts::schema_pattern(pattern).map(Arc::new);
                    self.patterns.insert(key, made.clone());
                    made
                }
            };
            if let Some(pattern) = pattern
                && pattern.matches(text) == Some(false)
            {
                let member = checking.path.trim_start_matches('.').to_owned();
                let shown = shorten(text, 60);
                let found = self.property_finding(checking, value.span, |place| {
                    Diagnostic::new(
                        &d::REQUEST_PATTERN,
                        place,
                        &[("member", &member), ("value", &shown), ("pattern", &pattern.as_str())],
                    )
                });
                self.report(found);
            }
        }
    }
}

fn expected(types: &[&str]) -> &'static str {
    match types {
        ["string"] => "text",
        ["integer"] => "an integer",
        ["number"] => "a number",
        ["boolean"] => "`true` or `false`",
        ["array"] => "a list",
        ["object"] => "an object",
        _ => "something else",
    }
}

fn alternatives(schema: &Json) -> Option<&Vec<Json>> {
    schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array)
}

/// The schema that a reference leads to.
fn resolved<'s>(type_: &'s ResourceType, schema: &'s Json) -> &'s Json {
    let mut at = schema;
    // References do not nest deeper than a type has definitions.
    for _ in 0..16 {
        match at["$ref"].as_str().and_then(|path| path.strip_prefix("#/")) {
            Some(path) => at = path.split('/').fold(&type_.schema, |at, part| &at[part]),
            None => break,
        }
    }
    at
}

/// What stands for a thing in a template: the ARN of a resource where one is asked for, its reference elsewhere.
fn plain(value: &Value, schema: &Json) -> Value {
    let Data::Object(object) = &value.data else { return value.clone() };
    let wants_arn = |schema: &Json| schema["format"].as_str().is_some_and(|format| format.ends_with(".Arn"));
    let key = match &object.class {
        Class::Data(_) | Class::File => "uri",
        Class::Resource(_)
            if wants_arn(schema) || alternatives(schema).is_some_and(|list| list.iter().any(wants_arn)) =>
        {
            "arn"
        }
        Class::Resource(_) => "name",
        Class::Plain
        | Class::Descriptor(_)
        | Class::Step(_)
        | Class::Instance(_)
        | Class::Image
        | Class::Call { .. } => {
            return value.clone();
        }
    };
    object.get(key).map_or_else(|| value.clone(), |inner| inner.clone().at(value.span))
}
