//! Mends a declaration that the grammar refuses. One place after the other is reported and edited so that the grammar
//! gets past it: by the sign that is missing where that is plain, otherwise by a hole that covers as little as
//! possible. What stands around it is read as if nothing were wrong.

use std::borrow::Cow;
use std::ops::Range;

use super::explain::{self, Finding};
use super::grammar::{self, Node, Rule};
use super::patch::{Patch, PlaceMap};
use super::token::{self, Kind, Nesting, Token};

/// No more places than this are reported in one declaration.
const MOST_FINDINGS: usize = 40;
/// Reading stops when this many bytes have been read again.
const MOST_BYTES: usize = 4 << 20;
/// No more edits than this are tried in one declaration.
const MOST_TRIALS: usize = 160;

pub(super) struct Mended {
    pub(super) text: String,
    /// From a place in `text` to the place in the text that was mended.
    pub(super) places: PlaceMap,
    /// Absent if the text could not be mended at all.
    pub(super) nodes: Option<Vec<Node>>,
    pub(super) findings: Vec<Finding>,
}

/// An edit that may get the grammar past a place, and what to say about the place if it does.
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    pub(super) text: Cow<'static, str>,
    pub(super) finding: Finding,
}

/// The text with its tokens.
pub(super) struct Material<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    pub(super) nesting: Nesting,
}

impl Material<'_> {
    pub(super) fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| token.text(self.text))
    }

    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }
}

pub(super) fn mend(text: &str) -> Mended {
    let mut tokens = token::tokens(text);
    tokens.retain(|token| token.kind != Kind::Comment);
    let nesting = token::nesting(&tokens);
    let material = Material { text, tokens, nesting };
    let whole = 0..text.len();
    let mut patch = Patch::default();
    let mut findings: Vec<Finding> = Vec::new();
    let mut read_bytes = 0;
    let mut trials = 0;
    let mut state = attempt(text, &whole, &patch);
    loop {
        let place = match state {
            Attempt { result: Ok(nodes), text, places } => {
                return Mended { text, places, nodes: Some(nodes), findings };
            }
            Attempt { result: Err(place), .. } => place,
        };
        let index = material.tokens.partition_point(|token| token.end <= place);
        if findings.len() >= MOST_FINDINGS {
            break;
        }
        let mut next = None;
        let mut first_finding = None;
        for candidate in explain::candidates(&material, index) {
            if read_bytes > MOST_BYTES || trials >= MOST_TRIALS {
                break;
            }
            let mut trial = patch.clone();
            trial.cover(candidate.range.clone(), &candidate.text);
            let outcome = attempt(text, &whole, &trial);
            read_bytes += text.len();
            trials += 1;
            if outcome.gets_past(&material, &candidate.range, place) {
                next = Some((trial, outcome, candidate.finding));
                break;
            }
            first_finding.get_or_insert(candidate.finding);
        }
        match next {
            Some((trial, outcome, finding)) => {
                patch = trial;
                state = outcome;
                findings.push(finding);
            }
            None => {
                findings.extend(first_finding);
                break;
            }
        }
    }
    Mended { text: String::new(), places: PlaceMap::default(), nodes: None, findings }
}

struct Attempt {
    result: Result<Vec<Node>, usize>,
    text: String,
    places: PlaceMap,
}

fn attempt(text: &str, whole: &Range<usize>, patch: &Patch) -> Attempt {
    let (edited, places) = patch.apply(text, whole);
    let result = grammar::read(Rule::file, &edited).map_err(|place| places.start(place));
    Attempt { result, text: edited, places }
}

impl Attempt {
    /// Whether an edit of `range` was of use: reading ends beyond what follows it.
    fn gets_past(&self, material: &Material<'_>, range: &Range<usize>, before: usize) -> bool {
        let place = match &self.result {
            Ok(_) => return true,
            Err(place) => *place,
        };
        let after = material.tokens.partition_point(|token| token.start < range.end);
        let limit = material.tokens.get(after).map_or(material.text.len(), |token| match token.kind {
            // A whole entry was covered: what comes after the separator is another matter.
            Kind::Newline | Kind::Comma => token.start + 1,
            _ => token.end,
        });
        place > before && place >= limit.max(range.end)
    }
}
