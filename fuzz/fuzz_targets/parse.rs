//! Any text parses to a tree, and formatting it twice gives what formatting it once gives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mlflow_compiler::source::FileId;
use mlflow_compiler::syntax;

fuzz_target!(|text: &str| {
    syntax::parse(FileId(0), text);
    let once = syntax::format(text).text;
    assert_eq!(syntax::format(&once).text, once, "formatting is not idempotent");
});
