//! `mlflowc explain`: the pages of the codes, as they stand in docs/errors.

use mlflow_compiler::diagnostics::{CATALOGUE, closest};

use crate::arguments::Explain;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// Every page by its code, sorted.
pub static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

pub(crate) fn run(arguments: &Explain) -> Result<Exit, Failure> {
    match &arguments.code {
        None => terminal::print(&list())?,
        Some(code) => terminal::print(explained(code)?)?,
    }
    Ok(Exit::Clean)
}

pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES.binary_search_by(|(other, _)| (*other).cmp(code)).ok().map(|index| PAGES[index].1)
}

/// The first heading of a page, without the code that leads it.
pub(crate) fn title(page: &'static str) -> Option<&'static str> {
    let heading = page.lines().find_map(|line| line.strip_prefix("# "))?.trim();
    let code = heading.split([':', ' ']).next().unwrap_or_default();
    let is_code = CATALOGUE.iter().any(|row| row.code == code);
    let rest = if is_code { &heading[code.len()..] } else { heading };
    let rest = rest.trim_start_matches([':', ' ', '—', '–', '-', '·']);
    Some(if rest.is_empty() { heading } else { rest })
}

fn explained(code: &str) -> Result<&'static str, Failure> {
    let wanted = code.trim_matches(['[', ']']).to_uppercase();
    if let Some(page) = page(&wanted) {
        return Ok(page);
    }
    let help = match closest(&wanted, CATALOGUE.iter().map(|row| row.code)) {
        _ if CATALOGUE.iter().any(|row| row.code == wanted) => "it has no page yet".to_owned(),
        Some(near) => format!("did you mean {near}? `mlflowc explain` lists all codes"),
        None => "`mlflowc explain` lists all codes".to_owned(),
    };
    Err(Failure::NoSuchCode { code: code.to_owned(), help })
}

fn list() -> String {
    let mut out = String::new();
    for row in CATALOGUE {
        let title = page(row.code).and_then(title).unwrap_or(row.message);
        out.push_str(&format!("{}  {:<7}  {title}\n", row.code, row.severity.word()));
    }
    out
}
