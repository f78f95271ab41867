//! Shares the reading of a text among threads. A chunk that is one long block is cut again between declarations of the
//! block: what is left of the chunk and the parts are read on their own and put together. Where one of them is refused, the
//! chunk is read as a whole, so that a mistake is explained by what stands around it.

use std::ops::Range;

use super::patch::Patch;
use super::scan::{Chunk, Scan};
use super::tree::{Block, Declaration, DeclarationKind};
use super::{Piece, PlaceMap, Rule, build, grammar, read_chunk};
use crate::source::FileId;

/// Texts longer than this are read by several threads.
const PARALLEL_FROM: usize = 32 * 1024;

/// What is read on its own.
enum Job<'s> {
    Chunk(&'s Chunk),
    /// A chunk without what lies between its cuts.
    Frame(&'s Chunk),
    /// Declarations between two cuts.
    Part(Range<usize>),
}

/// Reads every chunk of a text, in order.
pub(super) fn read_chunks(file: FileId, text: &str, scan: &Scan) -> Vec<Piece> {
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for chunk in &scan.chunks {
        if can_be_cut(scan, chunk) {
            jobs.push(Job::Frame(chunk));
            jobs.extend(chunk.cuts.windows(2).map(|pair| Job::Part(pair[0]..pair[1])));
        } else {
            jobs.push(Job::Chunk(chunk));
        }
    }
    let mut pieces = run_jobs(file, text, scan, &jobs).into_iter();
    let mut whole = Vec::with_capacity(scan.chunks.len());
    for chunk in &scan.chunks {
        let Some(first) = pieces.next() else { break };
        if !can_be_cut(scan, chunk) {
            whole.extend(first);
            continue;
        }
        let parts: Vec<Option<Piece>> = pieces.by_ref().take(chunk.cuts.len() - 1).collect();
        let parts: Option<Vec<Piece>> = parts.into_iter().collect();
        let joined = first.zip(parts).and_then(|(frame, parts)| join(scan, chunk, frame, parts));
        whole.push(joined.unwrap_or_else(|| read_chunk(file, text, scan, chunk)));
    }
    whole
}

fn can_be_cut(scan: &Scan, chunk: &Chunk) -> bool {
    chunk.cuts.len() > 1 && !chunk.hopeless && scan.problems.is_empty() && scan.patch.is_empty()
}

fn run_jobs(file: FileId, text: &str, scan: &Scan, jobs: &[Job<'_>]) -> Vec<Option<Piece>> {
    let read = |jobs: &[Job<'_>]| jobs.iter().map(|job| job.read(file, text, scan)).collect::<Vec<_>>();
    if text.len() < PARALLEL_FROM || jobs.len() < 2 {
        return read(jobs);
    }
    // Asked last: the system looks into several files for the answer.
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    if workers < 2 {
        return read(jobs);
    }
    // Runs of neighbours of about the same length.
    let share = text.len() / workers + 1;
    let mut runs: Vec<&[Job<'_>]> = Vec::new();
    let mut rest = jobs;
    while let Some(first) = rest.first() {
        let limit = first.start() + share;
        let count = rest.partition_point(|job| job.start() < limit).max(1);
        let (run, others) = rest.split_at(count);
        runs.push(run);
        rest = others;
    }
    std::thread::scope(|scope| {
        let handles: Vec<_> = runs.iter().map(|run| scope.spawn(|| read(run))).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("reading a chunk does not panic")).collect()
    })
}

impl Job<'_> {
    fn start(&self) -> usize {
        match self {
            Job::Chunk(chunk) | Job::Frame(chunk) => chunk.range.start,
            Job::Part(range) => range.start,
        }
    }

    /// `None` where the grammar refuses a frame or a part.
    fn read(&self, file: FileId, text: &str, scan: &Scan) -> Option<Piece> {
        match self {
            Job::Chunk(chunk) => Some(read_chunk(file, text, scan, chunk)),
            Job::Frame(chunk) => {
                let mut without = Patch::default();
                without.add(between(chunk)?, "");
                let (text, places) = without.apply(text, &chunk.range);
                let nodes = grammar::read(Rule::file, &text).ok()?;
                Some(build(file, &text, places, &nodes, &scan.docs[scan.docs_of(&chunk.range)]))
            }
            Job::Part(range) => {
                let text = &text[range.clone()];
                let nodes = grammar::read(Rule::file, text).ok()?;
                Some(build(file, text, PlaceMap::plain(range.start), &nodes, &scan.docs[scan.docs_of(range)]))
            }
        }
    }
}

fn between(chunk: &Chunk) -> Option<Range<usize>> {
    Some(*chunk.cuts.first()?..*chunk.cuts.last()?)
}

/// Puts the declarations of the parts into the block they were cut out of. `None` where that is no single block.
fn join(scan: &Scan, chunk: &Chunk, mut frame: Piece, parts: Vec<Piece>) -> Option<Piece> {
    let start = between(chunk)?.start;
    let [Declaration { kind, .. }] = frame.declarations.as_mut_slice() else { return None };
    let declarations = &mut block_of(kind)?.declarations;
    let at = declarations.partition_point(|declaration| (declaration.span.start as usize) < start);
    let mut doc = scan.docs_of(&(chunk.range.start..start)).len();
    let mut cut_out = Vec::new();
    for part in parts {
        cut_out.extend(part.declarations);
        frame.diagnostics.extend(part.diagnostics);
        for used in part.used_docs {
            frame.used_docs[doc] |= used;
            doc += 1;
        }
    }
    declarations.splice(at..at, cut_out);
    Some(frame)
}

fn block_of(kind: &mut DeclarationKind) -> Option<&mut Block> {
    match kind {
        DeclarationKind::Workflow { body, .. }
        | DeclarationKind::Component { body, .. }
        | DeclarationKind::Kind { body, .. }
        | DeclarationKind::Machine { body, .. }
        | DeclarationKind::Pipeline { body, .. }
        | DeclarationKind::Test { body, .. } => Some(body),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::scan;
    use super::*;
    use crate::syntax::parse;

    /// A workflow that is long enough to be cut, with `middle` between its steps.
    fn long(middle: &str) -> String {
        let mut text = "project p { region = \"eu-west-1\" }\n\n/// A long one.\nworkflow w {\n".to_owned();
        for number in 0..400 {
            if number == 200 {
                text.push_str(middle);
            }
            writeln!(
                text,
                "  /// Step {number}.\n  step s{number} = f(\"a\") {{\n    in = [1, {{ b = {number} }}] // c\n  }}"
            )
            .expect("memory");
        }
        text.push_str("  // the end\n}\n\nlet after = 1\n");
        text
    }

    fn whole(text: &str) -> Vec<Piece> {
        let scan = scan::scan(text);
        scan.chunks.iter().map(|chunk| read_chunk(FileId(0), text, &scan, chunk)).collect()
    }

    fn shared(text: &str) -> Vec<Piece> {
        read_chunks(FileId(0), text, &scan::scan(text))
    }

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| format!("{:#?}\n{:?}\n", p.declarations, p.used_docs)).collect()
    }

    #[test]
    fn a_long_block_is_cut_and_gives_the_tree_of_the_whole() {
        let text = long("  let x = 1\n  when x == 1 {\n    step y = f { }\n  }\n  else {\n    step z = f { }\n  }\n");
        let scan = scan::scan(&text);
        let chunk = &scan.chunks[1];
        assert!(chunk.cuts.len() > 2, "{:?}", chunk.cuts);
        for job in [Job::Frame(chunk), Job::Part(chunk.cuts[0]..chunk.cuts[1])] {
            assert!(job.read(FileId(0), &text, &scan).is_some());
        }
        assert!(shown(&shared(&text)) == shown(&whole(&text)));
    }

    #[test]
    fn a_mistake_in_a_long_block_is_the_same_mistake() {
        for middle in ["  step = = 1\n", "  step a = f { b = }\n", "  let x = 1 +\n  step b = f { }\n", "  }\n"] {
            let text = long(middle);
            let (shared, whole) = (shared(&text), whole(&text));
            assert!(shown(&shared) == shown(&whole), "{middle}");
            let findings = |pieces: Vec<Piece>| {
                let all: Vec<_> = pieces.into_iter().flat_map(|piece| piece.diagnostics.finish()).collect();
                format!("{all:?}")
            };
            assert_eq!(findings(shared), findings(whole), "{middle}");
            assert!(parse(FileId(0), &text).diagnostics.has_errors(), "{middle}");
        }
    }
}
