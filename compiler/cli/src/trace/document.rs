//! A JSON text with the place of every key and value.

use mlflow_compiler::source::{LineColumn, LineIndex};

use super::map::{Origin, SourceMap};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryId(usize);

/// How an entry is reached from the one around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Root,
    Key(String),
    Index(usize),
}

/// One value of the document.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) parent: Option<EntryId>,
    pub(crate) step: Step,
    /// Where the key stands.
    key: Option<u32>,
    start: u32,
    /// The value, as text without quotes, where it is no object or list.
    pub(crate) scalar: Option<String>,
}

/// A built document.
#[derive(Debug)]
pub(crate) struct Document {
    /// As people are shown it.
    pub(crate) path: String,
    pub(crate) map: SourceMap,
    text: String,
    lines: LineIndex,
    /// In the order of the text; what is inside follows what is around.
    entries: Vec<Entry>,
}

/// Deeper documents are not ours.
const DEEPEST: usize = 500;

impl Document {
    /// `None` where the text is no JSON.
    pub(crate) fn new(path: String, text: String, map: SourceMap) -> Option<Document> {
        let mut scan = Scan { text: &text, at: 0, entries: Vec::new() };
        scan.value(None, Step::Root, None, 0)?;
        scan.space();
        if scan.at < text.len() {
            return None;
        }
        let entries = scan.entries;
        let lines = LineIndex::new(&text);
        Some(Document { path, map, text, lines, entries })
    }

    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = EntryId> + use<> {
        (0..self.entries.len()).map(EntryId)
    }

    pub(crate) fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.0]
    }

    pub(crate) fn child(&self, parent: EntryId, step: &Step) -> Option<EntryId> {
        self.ids().skip(parent.0 + 1).find(|id| self.entry(*id).parent == Some(parent) && self.entry(*id).step == *step)
    }

    /// The value and what it is in, from the inside out.
    pub(crate) fn around(&self, id: EntryId) -> impl Iterator<Item = EntryId> {
        std::iter::successors(Some(id), |id| self.entry(*id).parent)
    }

    /// The steps from the root to an entry.
    pub(crate) fn steps(&self, id: EntryId) -> Vec<&Step> {
        let mut steps: Vec<&Step> =
            self.around(id).map(|id| &self.entry(id).step).filter(|step| **step != Step::Root).collect();
        steps.reverse();
        steps
    }

    /// `Steps[2].Arguments.RoleArn`
    pub(crate) fn path_of(&self, id: EntryId) -> String {
        let mut out = String::new();
        for step in self.steps(id) {
            match step {
                Step::Root => {}
                Step::Index(index) => out.push_str(&format!("[{index}]")),
                Step::Key(key) if key.chars().all(|c| c.is_alphanumeric() || "_-$".contains(c)) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(key);
                }
                Step::Key(key) => out.push_str(&format!("['{key}']")),
            }
        }
        out
    }

    /// What an entry is called by people: the `Name` in it, or its key below `States`.
    pub(crate) fn name_of(&self, id: EntryId) -> Option<&str> {
        let entry = self.entry(id);
        match &entry.step {
            Step::Index(_) => {
                let name = self.child(id, &Step::Key("Name".to_owned()))?;
                self.entry(name).scalar.as_deref()
            }
            Step::Key(key) => {
                let around = &self.entry(entry.parent?).step;
                (*around == Step::Key("States".to_owned())).then_some(key.as_str())
            }
            Step::Root => None,
        }
    }

    /// Line and column of a value, from one.
    pub(crate) fn place(&self, id: EntryId) -> (u32, u32) {
        let entry = self.entry(id);
        let at = self.lines.characters(&self.text, entry.key.unwrap_or(entry.start));
        (at.line + 1, at.column + 1)
    }

    /// The innermost entry on a line (from zero): the one that starts there last before the column.
    pub(crate) fn at(&self, line: u32, column: Option<u32>) -> Option<EntryId> {
        let starts: Vec<(EntryId, LineColumn)> = self
            .ids()
            .map(|id| (id, self.lines.utf16(&self.text, self.entry(id).key.unwrap_or(self.entry(id).start))))
            .collect();
        let on_line = || starts.iter().filter(|(_, at)| at.line == line);
        let before = |column| on_line().filter(|(_, at)| at.column <= column).map(|(id, _)| *id).next_back();
        column
            .and_then(before)
            .or_else(|| on_line().map(|(id, _)| *id).next())
            // A line that only closes something belongs to what is closed before it.
            .or_else(|| starts.iter().filter(|(_, at)| at.line < line).map(|(id, _)| *id).next_back())
            .filter(|_| line < self.lines.line_count())
    }

    /// Where a value comes from: its own place, else that of its key, else of the first thing in it, else what is near.
    pub(crate) fn origin(&self, id: EntryId) -> Option<Origin> {
        let exact = |offset: u32| {
            let at = self.lines.utf16(&self.text, offset);
            self.map.exact(at.line, at.column)
        };
        let of = |id: EntryId| {
            let entry = self.entry(id);
            exact(entry.start).or_else(|| entry.key.and_then(exact))
        };
        // Of a step, people want to see where it is named.
        let name = self.child(id, &Step::Key("Name".to_owned())).filter(|_| self.name_of(id).is_some());
        if let Some(origin) = name.and_then(of) {
            return Some(origin);
        }
        let inside = || {
            let inside = self.ids().skip(id.0 + 1).take_while(|other| self.around(*other).any(|around| around == id));
            inside.into_iter().find_map(of)
        };
        of(id).or_else(inside).or_else(|| {
            let at = self.lines.utf16(&self.text, self.entry(id).start);
            self.map.near(at.line, at.column)
        })
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    entries: Vec<Entry>,
}

impl Scan<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes past a byte, where it is there.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.byte() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, parent: Option<EntryId>, step: Step, key: Option<u32>, depth: usize) -> Option<()> {
        self.space();
        let id = EntryId(self.entries.len());
        self.entries.push(Entry { parent, step, key, start: self.at as u32, scalar: None });
        if depth > DEEPEST {
            return None;
        }
        match self.byte()? {
            b'{' => {
                self.at += 1;
                if self.take(b'}') {
                    return Some(());
                }
                loop {
                    self.space();
                    let key_at = self.at as u32;
                    let key = self.string()?;
                    if !self.take(b':') {
                        return None;
                    }
                    self.value(Some(id), Step::Key(key), Some(key_at), depth + 1)?;
                    if self.take(b'}') {
                        return Some(());
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
            }
            b'[' => {
                self.at += 1;
                if self.take(b']') {
                    return Some(());
                }
                for index in 0.. {
                    self.value(Some(id), Step::Index(index), None, depth + 1)?;
                    if self.take(b']') {
                        break;
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
                Some(())
            }
            b'"' => {
                let text = self.string()?;
                self.entries[id.0].scalar = Some(text);
                Some(())
            }
            _ => {
                let start = self.at;
                while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                    self.at += 1;
                }
                let text = self.text.get(start..self.at).filter(|text| !text.is_empty())?;
                self.entries[id.0].scalar = Some(text.to_owned());
                Some(())
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        if self.byte() != Some(b'"') {
            return None;
        }
        self.at += 1;
        loop {
            match self.byte()? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return serde_json::from_str(self.text.get(start..self.at)?).ok();
                }
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn document(text: &str) -> Document {
        let map = SourceMap::read(r#"{"version":3,"sources":["m"],"names":[],"mappings":""}"#).expect("a map");
        Document::new("x.json".to_owned(), text.to_owned(), map).expect("JSON")
    }

    #[test]
    fn knows_the_place_of_every_value() {
        let document = document("{\n  \"Steps\": [\n    { \"Name\": \"ä\\\"b\", \"N\": -1.5e3 },\n    {}\n  ]\n}\n");
        let found: Vec<(String, (u32, u32), Option<&str>)> = document
            .ids()
            .map(|id| (document.path_of(id), document.place(id), document.entry(id).scalar.as_deref()))
            .collect();
        let expected = [
            ("", (1, 1), None),
            ("Steps", (2, 3), None),
            ("Steps[0]", (3, 5), None),
            ("Steps[0].Name", (3, 7), Some("ä\"b")),
            ("Steps[0].N", (3, 23), Some("-1.5e3")),
            ("Steps[1]", (4, 5), None),
        ];
        let expected: Vec<_> = expected.map(|(path, place, scalar)| (path.to_owned(), place, scalar)).into();
        assert_eq!(found, expected);
        assert_eq!(document.at(2, None).map(|id| document.path_of(id)).as_deref(), Some("Steps[0]"));
        assert_eq!(document.at(2, Some(24)).map(|id| document.path_of(id)).as_deref(), Some("Steps[0].N"));
        assert_eq!(document.at(4, None).map(|id| document.path_of(id)).as_deref(), Some("Steps[1]"));
        assert_eq!(document.at(99, None), None);
    }

    #[test]
    fn refuses_what_is_no_json() {
        for text in ["", "{", "{\"a\"}", "[1,]", "\"", "{\"a\":1}x", "[1 2]", &"[".repeat(100_000)] {
            let map = SourceMap::read(r#"{"version":3,"sources":[],"names":[],"mappings":""}"#).expect("a map");
            assert!(Document::new(String::new(), text.to_owned(), map).is_none(), "{}", &text[..text.len().min(20)]);
        }
    }
}
