//! Edits that make a text readable for the grammar, and the way back from a place in the edited text to the one in the
//! file.

use std::ops::Range;

#[derive(Clone, Debug, Default)]
pub(super) struct Patch {
    /// Ordered and apart from each other.
    edits: Vec<(Range<usize>, String)>,
}

impl Patch {
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Adds an edit; one at the same place as another comes after it. One that overlaps another is left out: what it
    /// should mend is reported all the same, and the repair gets past it.
    pub(super) fn add(&mut self, range: Range<usize>, text: &str) {
        let index = self.edits.partition_point(|(other, _)| other.start <= range.start);
        let follows = index.checked_sub(1).is_none_or(|before| self.edits[before].0.end <= range.start);
        let precedes = self.edits.get(index).is_none_or(|(after, _)| range.end <= after.start);
        if follows && precedes {
            self.edits.insert(index, (range, text.to_owned()));
        }
    }

    /// Forgets the edits from `start` on.
    pub(super) fn forget_from(&mut self, start: usize) {
        self.edits.retain(|(range, _)| range.start < start);
    }

    /// Adds an edit that takes the place of all edits it touches.
    pub(super) fn cover(&mut self, range: Range<usize>, text: &str) {
        let mut range = range;
        let first = self.edits.partition_point(|(other, _)| other.end < range.start);
        let mut last = first;
        while last < self.edits.len() && self.edits[last].0.start <= range.end {
            range.start = range.start.min(self.edits[last].0.start);
            range.end = range.end.max(self.edits[last].0.end);
            last += 1;
        }
        self.edits.splice(first..last, [(range, text.to_owned())]);
    }

    /// The edits that lie within a part of the text.
    pub(super) fn within(&self, part: &Range<usize>) -> Patch {
        let edits = self.edits.iter().filter(|(range, _)| part.start <= range.start && range.end <= part.end);
        Patch { edits: edits.cloned().collect() }
    }

    /// The edited form of the part of `text` that starts at `start`, with the way back.
    pub(super) fn apply(&self, text: &str, part: &Range<usize>) -> (String, PlaceMap) {
        let mut out = String::with_capacity(part.len() + 16);
        let mut steps = Vec::with_capacity(self.edits.len());
        let mut at = part.start;
        for (range, replacement) in &self.edits {
            out.push_str(&text[at..range.start]);
            let start = out.len();
            out.push_str(replacement);
            steps.push(Step { start, end: out.len(), from: range.clone() });
            at = range.end;
        }
        out.push_str(&text[at..part.end]);
        (out, PlaceMap { base: part.start, steps, onward: None })
    }
}

/// A place of the edited text and what it stands for.
#[derive(Clone, Debug)]
struct Step {
    start: usize,
    end: usize,
    from: Range<usize>,
}

/// From a place in an edited text to the place in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct PlaceMap {
    base: usize,
    steps: Vec<Step>,
    /// What leads on from there, for a text that was edited twice.
    onward: Option<Box<PlaceMap>>,
}

impl PlaceMap {
    /// For a text that was not edited.
    pub(super) fn plain(base: usize) -> PlaceMap {
        PlaceMap { base, steps: Vec::new(), onward: None }
    }

    /// Through `first`, then through `second`.
    pub(super) fn chain(first: PlaceMap, second: PlaceMap) -> PlaceMap {
        PlaceMap { onward: Some(Box::new(second)), ..first }
    }

    /// Where something that starts at `place` starts in the file.
    pub(super) fn start(&self, place: usize) -> usize {
        let here = self.start_here(place);
        self.onward.as_ref().map_or(here, |onward| onward.start(here))
    }

    /// Where something that ends at `place` ends in the file.
    pub(super) fn end(&self, place: usize) -> usize {
        let here = self.end_here(place);
        self.onward.as_ref().map_or(here, |onward| onward.end(here))
    }

    fn start_here(&self, place: usize) -> usize {
        if self.steps.is_empty() {
            return self.base + place;
        }
        let index = self.steps.partition_point(|step| step.end <= place);
        match self.steps.get(index) {
            Some(step) if step.start <= place => step.from.start,
            _ => self.after(index, place),
        }
    }

    fn end_here(&self, place: usize) -> usize {
        if self.steps.is_empty() {
            return self.base + place;
        }
        let index = self.steps.partition_point(|step| step.end < place);
        match self.steps.get(index) {
            Some(step) if step.start < place => step.from.end,
            _ => self.after(index, place),
        }
    }

    fn after(&self, index: usize, place: usize) -> usize {
        match index.checked_sub(1).map(|index| &self.steps[index]) {
            Some(step) => step.from.end + (place - step.end),
            None => self.base + place,
        }
    }
}
