//! Offsets in bytes to positions of the protocol and back, in the encoding that was agreed on.

use mlflow_compiler::source::{LineColumn, LineIndex};
use tower_lsp::lsp_types::{Position, PositionEncodingKind, Range};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    #[default]
    Utf16,
}

impl Encoding {
    /// UTF-8 where the client offers it: no text must be looked at to count.
    pub(crate) fn choose(offered: Option<&[PositionEncodingKind]>) -> Encoding {
        let has_utf8 = offered.is_some_and(|offered| offered.contains(&PositionEncodingKind::UTF8));
        if has_utf8 { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    pub(crate) fn name(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// How long a text is.
    pub(crate) fn length(self, text: &str) -> u32 {
        match self {
            Encoding::Utf8 => text.len() as u32,
            Encoding::Utf16 => text.encode_utf16().count() as u32,
        }
    }
}

/// The offset of a position in a text that has no line index. What lies beyond a line's end means that end.
pub(crate) fn offset(text: &str, position: Position, encoding: Encoding) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text[start..].find('\n') {
            Some(length) => start += length + 1,
            None => return text.len(),
        }
    }
    start + in_line(line_at(text, start), position.character, encoding)
}

pub(crate) fn offset_in(text: &str, lines: &LineIndex, position: Position, encoding: Encoding) -> u32 {
    let start = lines.line_start(position.line);
    if position.line >= lines.line_count() {
        return start;
    }
    start + in_line(line_at(text, start as usize), position.character, encoding) as u32
}

fn line_at(text: &str, start: usize) -> &str {
    let line = text[start..].split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line)
}

fn in_line(line: &str, character: u32, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => {
            let mut at = (character as usize).min(line.len());
            while !line.is_char_boundary(at) {
                at -= 1;
            }
            at
        }
        Encoding::Utf16 => {
            let mut units = 0;
            for (at, one) in line.char_indices() {
                units += one.len_utf16() as u32;
                if units > character {
                    return at;
                }
            }
            line.len()
        }
    }
}

pub(crate) fn position(text: &str, lines: &LineIndex, offset: u32, encoding: Encoding) -> Position {
    let LineColumn { line, column } = match encoding {
        Encoding::Utf8 => lines.bytes(offset),
        Encoding::Utf16 => lines.utf16(text, offset),
    };
    Position::new(line, column)
}

pub(crate) fn range(text: &str, lines: &LineIndex, start: u32, end: u32, encoding: Encoding) -> Range {
    Range::new(position(text, lines, start, encoding), position(text, lines, end, encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_there_and_back_in_both_encodings() {
        let text = "a𝄞b\r\n\u{e9}\n\nend";
        let lines = LineIndex::new(text);
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (at, _) in text.char_indices().filter(|(at, _)| !text[*at..].starts_with("\n") || *at != 7) {
                let place = position(text, &lines, at as u32, encoding);
                assert_eq!(offset(text, place, encoding), at, "{encoding:?} {at}");
                assert_eq!(offset_in(text, &lines, place, encoding), at as u32);
            }
        }
        assert_eq!(offset(text, Position::new(0, 2), Encoding::Utf16), 1, "within a pair means its start");
        assert_eq!(offset(text, Position::new(0, 99), Encoding::Utf16), 6, "beyond a line means its end");
        assert_eq!(offset(text, Position::new(99, 0), Encoding::Utf8), text.len());
    }
}
