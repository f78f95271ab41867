//! Byte offsets to lines and columns and back. The only place that knows about line ends and UTF-16.

/// A place as people and protocols count it, from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// The starts of the lines of one text. `\n` ends a line; a `\r` before it belongs to the line end.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    length: u32,
}

impl LineIndex {
    pub fn new(text: &str) -> LineIndex {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|offset| offset as u32 + 1));
        LineIndex { starts, length: text.len() as u32 }
    }

    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Line and column in bytes, both from zero.
    pub fn bytes(&self, offset: u32) -> LineColumn {
        let offset = offset.min(self.length);
        let line = self.starts.partition_point(|start| *start <= offset) as u32 - 1;
        LineColumn { line, column: offset - self.starts[line as usize] }
    }

    /// Line and column in characters (Unicode scalar values), both from zero.
    pub fn characters(&self, text: &str, offset: u32) -> LineColumn {
        self.measured(text, offset, |slice| if slice.is_ascii() { slice.len() } else { slice.chars().count() })
    }

    /// Line and column in UTF-16 units, both from zero.
    pub fn utf16(&self, text: &str, offset: u32) -> LineColumn {
        self.measured(text, offset, |slice| if slice.is_ascii() { slice.len() } else { slice.encode_utf16().count() })
    }

    fn measured(&self, text: &str, offset: u32, measure: impl Fn(&str) -> usize) -> LineColumn {
        let LineColumn { line, column } = self.bytes(offset);
        let start = self.starts[line as usize] as usize;
        let mut end = start + column as usize;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        LineColumn { line, column: measure(&text[start..end]) as u32 }
    }

    /// The offset of the first byte of a line; the end of the text for a line past the last.
    pub fn line_start(&self, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(self.length)
    }

    /// The offset of a place whose column counts UTF-16 units; columns past the end of the line give that end.
    pub fn offset_utf16(&self, text: &str, place: LineColumn) -> u32 {
        let start = self.line_start(place.line) as usize;
        let end = self.line_start(place.line + 1) as usize;
        let line = text[start..end].trim_end_matches('\n').trim_end_matches('\r');
        let mut units = 0;
        for (offset, character) in line.char_indices() {
            if units >= place.column {
                return (start + offset) as u32;
            }
            units += character.len_utf16() as u32;
        }
        (start + line.len()) as u32
    }
}
