//! Source maps, version 3, as the emitters write them. Columns count UTF-16 units; everything counts from zero.

use serde::Deserialize;

/// Which place of which source a place of the document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) source: usize,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Debug)]
pub(crate) struct SourceMap {
    pub(crate) sources: Vec<String>,
    /// For each line of the document, in the order of columns.
    lines: Vec<Vec<(u32, Origin)>>,
}

#[derive(Deserialize)]
struct Written {
    version: u32,
    sources: Vec<String>,
    mappings: String,
}

impl SourceMap {
    pub(crate) fn read(text: &str) -> Result<SourceMap, String> {
        let written: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if written.version != 3 {
            return Err(format!("its version is {}, not 3", written.version));
        }
        let lines =
            lines(&written.mappings, written.sources.len()).ok_or_else(|| "its `mappings` are damaged".to_owned())?;
        Ok(SourceMap { sources: written.sources, lines })
    }

    /// The origin of exactly this place.
    pub(crate) fn exact(&self, line: u32, column: u32) -> Option<Origin> {
        let segments = self.lines.get(line as usize)?;
        let index = segments.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        Some(segments[index].1)
    }

    /// The origin of the nearest place before, on the same line; else of the first on the line.
    pub(crate) fn near(&self, line: u32, column: u32) -> Option<Origin> {
        let segments = self.lines.get(line as usize)?;
        let after = segments.partition_point(|(at, _)| *at <= column);
        segments.get(after.saturating_sub(1)).map(|(_, origin)| *origin)
    }
}

fn lines(mappings: &str, sources: usize) -> Option<Vec<Vec<(u32, Origin)>>> {
    let (mut source, mut line, mut column) = (0i64, 0i64, 0i64);
    let mut lines = Vec::new();
    for group in mappings.split(';') {
        let mut generated = 0i64;
        let mut segments = Vec::new();
        for segment in group.split(',').filter(|segment| !segment.is_empty()) {
            let fields = numbers(segment)?;
            generated += fields.first()?;
            // A segment of one field stands for text without an origin.
            if let [_, source_step, line_step, column_step, ..] = fields.as_slice() {
                source += source_step;
                line += line_step;
                column += column_step;
                let origin = Origin {
                    source: usize::try_from(source).ok().filter(|source| *source < sources)?,
                    line: u32::try_from(line).ok()?,
                    column: u32::try_from(column).ok()?,
                };
                segments.push((u32::try_from(generated).ok()?, origin));
            }
        }
        segments.sort_by_key(|(column, _)| *column);
        lines.push(segments);
    }
    Some(lines)
}

/// Numbers in base 64: five bits a character, the lowest first, the sixth says that more follow; the lowest bit of the
/// number is its sign.
fn numbers(segment: &str) -> Option<Vec<i64>> {
    let mut out = Vec::with_capacity(5);
    let (mut value, mut shift) = (0i64, 0u32);
    for byte in segment.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        if shift > 50 {
            return None;
        }
        value |= i64::from(digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            out.push(if value & 1 == 1 { -(value >> 1) } else { value >> 1 });
            (value, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_variable_length_numbers() {
        assert_eq!(numbers("AAgBC"), Some(vec![0, 0, 16, 1]));
        assert_eq!(numbers("DFLx+BhqjG"), Some(vec![-1, -2, -5, -1000, -100_000]));
        assert_eq!(numbers("2H"), Some(vec![123]));
        assert_eq!(numbers("9D"), Some(vec![-62]));
        assert_eq!(numbers("g"), None, "more would have to follow");
        assert_eq!(numbers("A!"), None);
        assert_eq!(numbers(&"g".repeat(40)), None);
    }

    #[test]
    fn finds_exact_and_near_places() {
        let map = SourceMap::read(r#"{"version":3,"sources":["a","b"],"names":[],"mappings":"AAAA,IACE;;EADA,GCCC"}"#)
            .expect("a map");
        let origin = |source, line, column| Some(Origin { source, line, column });
        assert_eq!(map.exact(0, 0), origin(0, 0, 0));
        assert_eq!(map.exact(0, 4), origin(0, 1, 2));
        assert_eq!(map.exact(0, 5), None);
        assert_eq!(map.near(0, 99), origin(0, 1, 2));
        assert_eq!(map.near(1, 0), None);
        assert_eq!(map.near(2, 0), origin(0, 0, 2));
        assert_eq!(map.exact(2, 5), origin(1, 1, 3));
    }

    #[test]
    fn refuses_what_is_no_map() {
        for text in
            ["", "{}", r#"{"version":2,"sources":[],"mappings":""}"#, r#"{"version":3,"sources":[],"mappings":"AAAA"}"#]
        {
            SourceMap::read(text).expect_err(text);
        }
    }
}
