//! Findings as workflow commands of GitHub Actions, which shows them beside the changed lines.

use mlflow_compiler::diagnostics::Severity;

use super::{Findings, Region};

pub(super) fn rendered(findings: &Findings) -> String {
    let mut out = String::new();
    for diagnostic in findings.list {
        let command = match findings.severity(diagnostic) {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        // A text of the library is no file of the repository that could be annotated.
        let span = diagnostic.primary.span;
        let region = Region::of(findings.sources, span).filter(|_| !findings.sources.get(span.file).is_library);
        if let Some(Region { file, line, column, end }) = region {
            properties.push(("file", file));
            properties.push(("line", line.to_string()));
            properties.push(("endLine", end.line.to_string()));
            // GitHub takes columns only for a place within one line, and includes the end.
            if line == end.line {
                properties.push(("col", column.to_string()));
                properties.push(("endColumn", end.column.saturating_sub(1).max(column).to_string()));
            }
        }
        properties.push(("title", diagnostic.code().to_owned()));
        let properties: Vec<String> =
            properties.iter().map(|(name, value)| format!("{name}={}", escaped_property(value))).collect();
        let mut message = diagnostic.message.clone();
        if !diagnostic.primary.text.is_empty() {
            message.push_str(&format!("\n{}", diagnostic.primary.text));
        }
        for label in &diagnostic.related {
            if let Some(region) = Region::of(findings.sources, label.span) {
                message.push_str(&format!("\n{}:{}:{}: {}", region.file, region.line, region.column, label.text));
            }
        }
        for help in &diagnostic.help {
            message.push_str(&format!("\nhelp: {help}"));
        }
        out.push_str(&format!("::{command} {}::{}\n", properties.join(","), escaped(&message)));
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_a_command() {
        assert_eq!(escaped("50%\r\n::x"), "50%25%0D%0A::x");
        assert_eq!(escaped_property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
