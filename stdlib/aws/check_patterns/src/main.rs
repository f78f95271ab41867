//! Reads one regex per line and answers `ok`, `large` (too big to compile quickly) or `syntax` per line.

use std::io::{self, BufRead, Write};

/// A pattern beyond this takes milliseconds to compile. The compiler uses the same limit.
const SIZE_LIMIT: usize = 192 * 1024;

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let verdict = match regex::RegexBuilder::new(&format!(r"\A(?:{line})\z")).size_limit(SIZE_LIMIT).build() {
            Ok(_) => "ok",
            Err(regex::Error::CompiledTooBig(_)) => "large",
            Err(_) => "syntax",
        };
        writeln!(out, "{verdict}")?;
    }
    out.flush()
}
