//! Findings on their way out: for people, as JSON, as SARIF and as GitHub annotations. All four are conversions of the
//! same [`Diagnostic`]; none decides what is a finding.

mod github;
mod human;
mod json;
mod place;
mod sarif;

use std::io::{self, Write};

use mlflow_compiler::diagnostics::{Diagnostic, Severity};
use mlflow_compiler::source::Sources;

use crate::arguments::{Color, Format};
use crate::failure::Failure;
use crate::terminal;
pub use human::{plain, summary};
pub(crate) use place::{Place, Region};

/// Findings with the texts that their places are in.
#[derive(Clone, Copy)]
pub(crate) struct Findings<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) list: &'a [Diagnostic],
    pub(crate) deny_warnings: bool,
}

impl Findings<'_> {
    /// The severity that counts in this run.
    pub(crate) fn severity(&self, diagnostic: &Diagnostic) -> Severity {
        match diagnostic.severity() {
            Severity::Warning if self.deny_warnings => Severity::Error,
            severity => severity,
        }
    }

    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|diagnostic| self.severity(diagnostic) == severity).count()
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many files of the user were read.
    pub(crate) fn file_count(&self) -> usize {
        self.sources.iter().filter(|(_, file)| !file.is_library).count()
    }
}

/// Writes findings in a format: for people to standard error, for programs to standard output, unless that is taken.
pub(crate) fn report(findings: &Findings, format: Format, color: Color, stdout_taken: bool) -> Result<(), Failure> {
    let text = match format {
        Format::Human => {
            let colors = terminal::colors(color, &io::stderr());
            let mut bytes = human::rendered(findings, colors);
            bytes.extend(human::summary_line(findings, colors));
            return match io::stderr().lock().write_all(&bytes) {
                Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Print { source }),
                _ => Ok(()),
            };
        }
        Format::Json => json::rendered(findings),
        Format::Sarif => sarif::rendered(findings),
        Format::Github => github::rendered(findings),
    };
    if stdout_taken {
        terminal::say(text.trim_end());
        return Ok(());
    }
    terminal::print(&text)
}

/// Where the page of a code can be read by a browser, where the project says it has a home.
fn page_url(code: &str) -> Option<String> {
    match env!("CARGO_PKG_REPOSITORY") {
        "" => None,
        home => Some(format!("{home}/blob/main/docs/errors/{code}.md")),
    }
}

#[cfg(test)]
mod tests {
    use mlflow_compiler::diagnostics::Row;
    use mlflow_compiler::source::{SourceFile, Span};

    use super::*;

    static WARNING: Row = Row { code: "W0000", severity: Severity::Warning, message: "Look.", label: "", help: "" };

    #[test]
    fn denied_warnings_are_errors_in_every_format() {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("ä b.mlflow", "x\n", false));
        let list = [Diagnostic::new(&WARNING, Span::new(file, 0, 1), &[])];
        let findings = |deny_warnings| Findings { sources: &sources, list: &list, deny_warnings };
        assert!(!findings(false).has_errors() && findings(true).has_errors());
        let human = |deny| String::from_utf8(human::rendered(&findings(deny), false)).expect("UTF-8");
        assert!(human(false).starts_with("warning[W0000]: Look.") && human(true).starts_with("error[W0000]: Look."));
        assert!(json::rendered(&findings(true)).contains("\"severity\": \"error\""));
        assert!(sarif::rendered(&findings(true)).contains("\"level\": \"error\""));
        assert!(sarif::rendered(&findings(true)).contains("\"uri\": \"%C3%A4%20b.mlflow\""));
        assert_eq!(
            github::rendered(&findings(true)),
            "::error file=ä b.mlflow,line=1,endLine=1,col=1,endColumn=1,title=W0000::Look.\n"
        );
        assert!(github::rendered(&findings(false)).starts_with("::warning "));
    }

    #[test]
    fn places_outside_of_their_text_do_no_harm() {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a.mlflow", "ä", false));
        for (start, end) in [(0, 99), (50, 99), (1, 1), (1, 2), (2, 0)] {
            let list = [Diagnostic::new(&WARNING, Span::new(file, start, end), &[]).fix(
                "Mend",
                Span::new(file, start, end),
                "b",
            )];
            let findings = Findings { sources: &sources, list: &list, deny_warnings: false };
            let human = String::from_utf8(human::rendered(&findings, false)).expect("UTF-8");
            assert!(human.contains("Look."), "{human}");
            json::rendered(&findings);
            sarif::rendered(&findings);
            github::rendered(&findings);
        }
    }
}
