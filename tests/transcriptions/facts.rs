//! The facts of a definition in a form that does not depend on how it is spelled: texts with variables as one text,
//! members of lists by their names, conditions as expressions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Members that name an element of a list.
const NAMES: [&str; 11] = [
    "ChannelName",
    "InputName",
    "OutputName",
    "PropertyFileName",
    "Name",
    "Key",
    "ArtifactName",
    "ActionName",
    "ContextName",
    "DefinitionName",
    "ProductName",
];

/// Lists of steps, with the word for being inside.
const BRANCHES: [(&str, &str); 3] = [("IfSteps", "then"), ("ElseSteps", "else"), ("ForEachBody", "each")];

pub(crate) struct Definition {
    /// Parameters and settings.
    pub(crate) top: BTreeMap<String, Value>,
    /// The facts of each step, with `type`, `in`, `after` and `reads` among them.
    pub(crate) steps: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Definition {
    /// The facts of the original as a case lists them.
    pub(crate) fn expected(value: &Value) -> Definition {
        let map = |value: &Value| -> BTreeMap<String, Value> {
            value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let steps = map(&value["steps"]).into_iter().map(|(name, step)| {
            let mut facts = map(&step["facts"]);
            for key in ["type", "in", "after", "reads"] {
                if let Some(fact) = step.get(key) {
                    let fact = match fact.as_array() {
                        Some(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ").into(),
                        None => fact.clone(),
                    };
                    facts.insert(key.to_owned(), fact);
                }
            }
            (name, facts)
        });
        Definition { steps: steps.collect(), top: map(&value["definition"]) }
    }
}

/// The facts of a definition.
pub(crate) fn read(document: &Value) -> Definition {
    let mut definition = Definition { top: BTreeMap::new(), steps: BTreeMap::new() };
    for (key, value) in document.as_object().into_iter().flatten() {
        match key.as_str() {
            "Version" | "Metadata" => {}
            "Steps" => steps(value, None, &mut definition.steps),
            _ => facts(value, key.clone(), &mut definition.top),
        }
    }
    definition
}

fn steps(list: &Value, place: Option<&str>, out: &mut BTreeMap<String, BTreeMap<String, Value>>) {
    for step in list.as_array().into_iter().flatten() {
        let name = step["Name"].as_str().unwrap_or_default();
        let mut found = BTreeMap::new();
        let mut read = BTreeSet::new();
        found.insert("type".to_owned(), step["Type"].clone());
        if let Some(place) = place {
            found.insert("in".to_owned(), place.into());
        }
        for (key, value) in step.as_object().into_iter().flatten() {
            match key.as_str() {
                "Name" | "Type" => continue,
                "DependsOn" => {
                    let names: Vec<String> = value.as_array().into_iter().flatten().map(dependency).collect();
                    found.insert("after".to_owned(), names.join(", ").into());
                    continue;
                }
                "Arguments" => arguments(step, &mut found),
                _ => facts(value, format!("@{key}"), &mut found),
            }
            reads(value, &mut read);
        }
        if !read.is_empty() {
            let names: Vec<String> = read.into_iter().collect();
            found.insert("reads".to_owned(), names.join(", ").into());
        }
        out.insert(name.to_owned(), found);
        for (key, word) in BRANCHES {
            steps(&step["Arguments"][key], Some(&format!("{name} {word}")), out);
        }
    }
}

fn dependency(value: &Value) -> String {
    match value.as_str() {
        Some(name) => name.to_owned(),
        None => {
            format!("{} {}", value["Step"].as_str().unwrap_or_default(), value["Trigger"].as_str().unwrap_or_default())
        }
    }
}

fn arguments(step: &Value, out: &mut BTreeMap<String, Value>) {
    for (key, value) in step["Arguments"].as_object().into_iter().flatten() {
        if BRANCHES.iter().any(|(branch, _)| branch == key) {
            continue;
        }
        if key == "Conditions" && step["Type"] == "Condition" {
            for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                out.insert(format!("Conditions[{index}]"), condition(value).into());
            }
            continue;
        }
        facts(value, key.clone(), out);
    }
}

fn facts(value: &Value, pointer: String, out: &mut BTreeMap<String, Value>) {
    if let Some(text) = variable(value) {
        out.insert(pointer, plain(&text));
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                facts(value, format!("{pointer}.{key}"), out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let key = NAMES.into_iter().find(|key| item.get(key).is_some_and(Value::is_string));
                match key {
                    Some(key) => {
                        let mut rest = item.clone();
                        if let Some(members) = rest.as_object_mut() {
                            members.remove(key);
                        }
                        facts(&rest, format!("{pointer}[{}]", item[key].as_str().unwrap_or_default()), out);
                    }
                    None => facts(item, format!("{pointer}[{index}]"), out),
                }
            }
        }
        _ => {
            let value = match value.as_str() {
                // `30d` and `P30D` are the same time to the service.
                Some(time) if pointer == "@CacheConfig.ExpireAfter" => {
                    let time = time.to_uppercase();
                    if time.starts_with('P') { time.into() } else { format!("P{time}").into() }
                }
                Some(text) => plain(text),
                None => value.clone(),
            };
            out.insert(pointer, value);
        }
    }
}

/// A text; JSON in it means the same with and without spaces.
fn plain(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(inner @ Value::Object(_)) => inner.to_string().into(),
        _ => text.into(),
    }
}

/// A value that is made at run time, as text.
fn variable(value: &Value) -> Option<String> {
    if let Some(path) = path(value) {
        return Some(format!("{{{{{path}}}}}"));
    }
    let join = only(value, "Std:Join")?;
    let text = flat(value);
    let is_one = join["Values"].as_array().is_some_and(|values| values.len() == 1);
    Some(if is_one { format!("{text} as text") } else { text })
}

fn only<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.as_object().filter(|members| members.len() == 1)?.get(key)
}

fn path(value: &Value) -> Option<String> {
    if let Some(path) = only(value, "Get") {
        return path.as_str().map(str::to_owned);
    }
    let read = only(value, "Std:JsonGet")?;
    let file = read.get("PropertyFile").or_else(|| read.get("S3Uri")).unwrap_or(&Value::Null);
    let file = path(file).unwrap_or_else(|| flat(file));
    Some(format!("json {file} {}", read["Path"].as_str().unwrap_or_default()))
}

fn flat(value: &Value) -> String {
    if let Some(path) = path(value) {
        return format!("{{{{{path}}}}}");
    }
    if let Some(join) = only(value, "Std:Join") {
        let parts: Vec<String> = join["Values"].as_array().into_iter().flatten().map(flat).collect();
        return parts.join(join["On"].as_str().unwrap_or_default());
    }
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn condition(value: &Value) -> String {
    let sign = match value["Type"].as_str().unwrap_or_default() {
        "Not" => return format!("not ({})", condition(&value["Condition"])),
        "Or" => {
            let parts = value["Conditions"].as_array().into_iter().flatten();
            return parts.map(|part| format!("({})", condition(part))).collect::<Vec<_>>().join(" or ");
        }
        "In" => return format!("{} in {}", operand(&value["QueryValue"]), operand(&value["Values"])),
        "Equals" => "==",
        "GreaterThan" => ">",
        "GreaterThanOrEqualTo" => ">=",
        "LessThan" => "<",
        "LessThanOrEqualTo" => "<=",
        other => other,
    };
    format!("{} {sign} {}", operand(&value["LeftValue"]), operand(&value["RightValue"]))
}

fn operand(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(operand).collect::<Vec<_>>().join(", ")),
        _ => variable(value).unwrap_or_else(|| value.to_string()),
    }
}

/// The steps whose results are read.
fn reads(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if let (true, Some(path)) = (key == "Get", value.as_str())
                    && let Some(rest) = path.strip_prefix("Steps.")
                {
                    out.insert(rest.split(['.', '[']).next().unwrap_or_default().to_owned());
                }
                if !BRANCHES.iter().any(|(branch, _)| branch == key) {
                    reads(value, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| reads(item, out)),
        _ => {}
    }
}
