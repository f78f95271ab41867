//! What is given beside the files: values of `config` declarations and newer facts.

use std::fs;
use std::path::Path;

use mlflow_compiler::compilation::{Options, Setting};
use mlflow_compiler::facts::Facts;

use crate::arguments::Input;
use crate::failure::Failure;

pub(crate) fn options(input: &Input) -> Result<Options, Failure> {
    let mut settings = Vec::new();
    for file in &input.values {
        settings.extend(values(file)?);
    }
    for argument in &input.set {
        settings.push(setting(argument)?);
    }
    let facts = match &input.facts {
        None => Facts::embedded(),
        Some(path) => facts(path)?,
    };
    Ok(Options { settings, facts })
}

fn facts(path: &Path) -> Result<Facts, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::read(path.display().to_string(), error))?;
    Facts::embedded()
        .overridden(&bytes)
        .map_err(|error| Failure::Facts { path: path.display().to_string(), reason: error.to_string() })
}

/// `name=value`. The value is text; the type of the `config` says how it is read, so that `version=1.20` stays what it
/// is where a string is asked for.
fn setting(argument: &str) -> Result<Setting, Failure> {
    match argument.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok(Setting {
            name: name.trim().to_owned(),
            value: serde_json::Value::String(value.to_owned()),
            origin: format!("--set {argument}"),
        }),
        _ => Err(Failure::Setting { argument: format!("--set {argument}") }),
    }
}

fn values(path: &Path) -> Result<Vec<Setting>, Failure> {
    let shown = path.display().to_string();
    let unusable = |reason: String| Failure::Values { path: shown.clone(), reason };
    let bytes = fs::read(path).map_err(|error| Failure::read(shown.clone(), error))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::NotUtf8 { path: shown.clone(), offset: error.utf8_error().valid_up_to() })?;
    let value: serde_json::Value = match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => {
            toml::from_str(&text).map_err(|error| unusable(in_one_line(error.message(), &text, error.span())))?
        }
        Some("json") => serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?,
        Some("yaml" | "yml") => serde_saphyr::from_str(&text)
            .map_err(|error| unusable(error.to_string().lines().next().unwrap_or_default().to_owned()))?,
        _ => return Err(unusable("its name ends neither in .toml nor in .json nor in .yaml".to_owned())),
    };
    match value {
        serde_json::Value::Object(entries) => {
            Ok(entries.into_iter().map(|(name, value)| Setting { name, value, origin: shown.clone() }).collect())
        }
        _ => Err(unusable("it holds no names".to_owned())),
    }
}

fn in_one_line(message: &str, text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let message = message.replace('\n', ", ");
    match span.and_then(|span| text.get(..span.start)) {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{message} at line {line} column {column}")
        }
        None => message,
    }
}
