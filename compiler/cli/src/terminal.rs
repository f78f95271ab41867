//! The terminal: whether it takes colours, and how a failure looks on it.

use std::io::{self, IsTerminal, Write};

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::arguments::Color;
use crate::failure::Failure;

/// Whether to colour what goes to a stream.
pub(crate) fn colors(choice: Color, stream: &impl IsTerminal) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            // https://no-color.org: any value but the empty one says no.
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
            !refused && !dumb && stream.is_terminal()
        }
    }
}

/// Whether people sit before a stream, rather than a program.
pub(crate) fn is_interactive(stream: &impl IsTerminal) -> bool {
    stream.is_terminal()
}

pub(crate) fn print_failure(failure: &Failure, color: Color) {
    let stderr = io::stderr();
    let theme = if colors(color, &stderr) { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let mut text = String::new();
    // Links would be printed even without colours.
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_wrap_lines(false);
    if handler.render_report(&mut text, failure).is_err() {
        text = format!("{failure}\n");
    }
    // Where standard error is closed there is nobody to tell.
    let _ = stderr.lock().write_all(format!("Error:\n{text}").as_bytes());
}

/// Writes to standard output. A reader that went away, as `head` does, is no mistake.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Print { source }),
        _ => Ok(()),
    }
}

/// Writes a line for people to standard error.
pub(crate) fn say(text: &str) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
