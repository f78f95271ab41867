//! What is said about a place.

use std::ops::Range;

use crate::diagnostics::{self, Diagnostic, Row};
use crate::source::Span;
use crate::syntax::tree::Binding;

/// What to say about a place. Places are in the text that was mended.
#[derive(Clone, Debug)]
pub(in crate::syntax) struct Finding {
    pub(super) row: &'static Row,
    pub(in crate::syntax) place: Range<usize>,
    problem: String,
    label: String,
    help: String,
    fix: Option<(String, Range<usize>, String)>,
}

impl Finding {
    pub(super) fn new(place: Range<usize>, problem: impl Into<String>, label: impl Into<String>) -> Finding {
        let (problem, label) = (problem.into(), label.into());
        Finding { row: &diagnostics::SYNTAX, place, problem, label, help: String::new(), fix: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = help.into();
        self
    }

    pub(super) fn fix(mut self, title: impl Into<String>, range: Range<usize>, text: impl Into<String>) -> Finding {
        self.fix = Some((title.into(), range, text.into()));
        self
    }

    pub(super) fn foreign(place: Range<usize>, found: &str, right: &str) -> Finding {
        let mut finding = Finding::new(place, found, right);
        finding.row = &diagnostics::FOREIGN;
        finding
    }

    pub(in crate::syntax) fn diagnostic(&self, span: impl Fn(&Range<usize>) -> Span) -> Diagnostic {
        let place = span(&self.place);
        let mut diagnostic = if self.row.code == diagnostics::FOREIGN.code {
            Diagnostic::new(self.row, place, &[("found", &self.problem), ("right", &self.label)])
        } else if self.row.code == diagnostics::SYNTAX.code {
            let arguments: [(&str, &dyn std::fmt::Display); 3] =
                [("problem", &self.problem), ("label", &self.label), ("help", &"")];
            Diagnostic::new(self.row, place, &arguments)
        } else {
            Diagnostic::new(
                self.row,
                place,
                &[("problem", &self.problem), ("label", &self.label), ("word", &self.problem)],
            )
        };
        diagnostic = diagnostic.help(self.help.clone());
        match &self.fix {
            Some((title, range, text)) => diagnostic.fix(title.clone(), span(range), text.clone()),
            None => diagnostic,
        }
    }
}

/// How a declaration that starts with a word is written.
pub(super) fn shape(word: &str) -> Option<&'static str> {
    Some(match word {
        "project" => "project name { … }",
        "import" => "import { a, b } from \"./file.mlflow\"",
        "schema" => "schema name { column: type }",
        "type" => "type name = type",
        "config" => "config name: type = value",
        "param" => "param name: type = value",
        "let" => "let name = value",
        "workflow" => "workflow name { … }",
        "component" => "component name for role { … }",
        "kind" => "kind name for role { … }",
        "machine" => "machine name { … }",
        "pipeline" => "pipeline name { … }",
        "moved" => "moved old to new",
        "when" => "when condition { … } else { … }",
        "for" => "for x in list { … }",
        "each" => "each x in list { … }",
        "fail" => "fail \"message\"",
        "try" => "try { … on failure as e { … } }",
        "on" => "on failure \"Name\" as e { … }",
        "output" => "output name = value",
        "call" => "call aws.service.Operation returns Shape { … }",
        "run" => "run engine { … }",
        "check" => "check condition \"message\"",
        "role" => "role \"service.amazonaws.com\"",
        "state" => "state Name = Type { … }",
        _ => match Binding::from_word(word) {
            Some(Binding::Source) => "source name: type = kind { … }",
            Some(Binding::Transform) => "transform name = kind { … }",
            Some(Binding::Train) => "train name = kind { … }",
            Some(Binding::Tune) => "tune name = kind { … }",
            Some(Binding::Evaluate) => "evaluate name = kind { … }",
            Some(Binding::Register) => "register name = kind { … }",
            Some(Binding::Deploy) => "deploy name = kind { … }",
            Some(Binding::Notify) => "notify name = kind { … }",
            Some(Binding::Step) => "step name = kind { … }",
            Some(Binding::Trigger) => "trigger name = kind { … }",
            Some(Binding::Monitor) => "monitor name = kind { … }",
            Some(Binding::Serve) => "serve name = kind { … }",
            Some(Binding::Studio) => "studio name = kind { … }",
            Some(Binding::Resource) => "resource name = kind { … }",
            None => return None,
        },
    })
}
