//! Texts of `key<TAB>rest` lines, sorted by key, as stdlib/aws/refresh.py writes them: unpacks one and finds a line by
//! binary search, so that nothing is parsed that nobody asks for.

use std::cmp::Ordering;
use std::io::Read;
use std::ops::Range;

use flate2::read::GzDecoder;

use super::FactsError;

/// A text and where each of its lines starts.
#[derive(Debug)]
pub(super) struct Lines {
    text: String,
    starts: Vec<u32>,
}

impl Lines {
    pub(super) fn new(text: String) -> Lines {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 96 + 2);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        if bytes.last().is_some_and(|byte| *byte != b'\n') {
            starts.push(bytes.len() as u32 + 1);
        }
        Lines { text, starts }
    }

    /// Reads a gzip member. Its last four bytes say how long the text is.
    pub(super) fn unpack(packed: &[u8]) -> Result<String, FactsError> {
        let length = packed.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let mut text = String::with_capacity((length as usize).min(packed.len() * 64) + 1);
        GzDecoder::new(packed).read_to_string(&mut text).map_err(|error| FactsError::Unreadable(error.to_string()))?;
        Ok(text)
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn line(&self, index: usize) -> &str {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(&from), Some(&to)) => &self.text[from as usize..to as usize - 1],
            _ => "",
        }
    }

    /// The key and the rest of a line.
    pub(super) fn entry(&self, index: usize) -> (&str, &str) {
        let line = self.line(index);
        line.split_once('\t').unwrap_or((line, ""))
    }

    /// The line with this key among `within`, whose lines are sorted by key.
    pub(super) fn find(&self, key: &str, within: Range<usize>) -> Option<usize> {
        let (mut low, mut high) = (within.start, within.end);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.compare(middle, key) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The rest of the line with this key, in a text that has no header.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.find(key, 0..self.len()).map(|at| self.entry(at).1)
    }

    /// Compares a line's key without looking for the key's end first.
    fn compare(&self, index: usize, key: &str) -> Ordering {
        let line = self.line(index).as_bytes();
        let common = line.len().min(key.len());
        match line[..common].cmp(&key.as_bytes()[..common]) {
            // The key is over: the line's key is equal if it ends here too, and longer otherwise.
            Ordering::Equal if line.len() == common => line.len().cmp(&key.len()),
            Ordering::Equal if line[common] == b'\t' => Ordering::Equal,
            Ordering::Equal => Ordering::Greater,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_its_whole_key_only() {
        let lines = Lines::new("a\t1\nab\t2\nabc\t3\nb\n".to_owned());
        assert_eq!(lines.len(), 4);
        assert_eq!(lines.get("a"), Some("1"));
        assert_eq!(lines.get("ab"), Some("2"));
        assert_eq!(lines.get("abc"), Some("3"));
        assert_eq!(lines.get("b"), Some(""));
        for absent in ["", "aa", "abcd", "abd", "c"] {
            assert_eq!(lines.get(absent), None, "{absent:?}");
        }
    }

    #[test]
    fn a_last_line_needs_no_newline_and_an_empty_text_has_no_lines() {
        assert_eq!(Lines::new("a\t1\nb\t2".to_owned()).get("b"), Some("2"));
        assert_eq!(Lines::new(String::new()).len(), 0);
        assert_eq!(Lines::new(String::new()).get("a"), None);
    }

    #[test]
    fn bytes_that_are_no_gzip_are_refused() {
        assert!(Lines::unpack(b"nonsense").is_err());
        assert!(Lines::unpack(b"").is_err());
    }
}
