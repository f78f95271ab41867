//! How long a project takes, by its size. Sizes grow tenfold, so that growth faster than the work shows.
//!
//! `cargo bench -p mlflow-compiler`; whole processes are measured by `compiler/benches/whole.py`.

use std::fmt::Write as _;

use mlflow_compiler::compilation::{Compilation, Options, compile};
use mlflow_compiler::source::{FileId, PathKind, ReadError, ReadFiles};
use mlflow_compiler::{syntax, targets};

fn main() {
    divan::main();
}

/// One file in memory.
struct One(String);

impl ReadFiles for One {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "main.mlflow" { Ok(self.0.clone().into_bytes()) } else { Err(ReadError::NotFound) }
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        (path == "main.mlflow").then_some(PathKind::File)
    }

    fn list(&self, _folder: &str) -> Result<Vec<String>, ReadError> {
        Ok(vec!["main.mlflow".to_owned()])
    }
}

/// A chain of processing steps, each of which reads what the one before wrote.
fn chain(steps: usize) -> String {
    let mut text = String::from(
        "project bench { region = \"eu-west-1\", bucket = \"acme-ml\" }\n\nworkflow chain {\n  \
         param data: uri = \"s3://acme-ml/in/\"\n  source raw: table = s3 { uri = data, format = \"csv\" }\n",
    );
    for step in 0..steps {
        let before = if step == 0 { "raw".to_owned() } else { format!("step_{}.out", step - 1) };
        write!(
            text,
            "\n  transform step_{step} = processing {{\n    image     = sklearn(\"1.2-1\")\n    instance  = \"ml.m5.xlarge\"\n    \
             arguments = [\"--part\", \"{step}\"]\n    in {{ data = {before} }}\n    out {{ out: table = {{ format = \"csv\" }} }}\n  }}\n"
        )
        .expect("memory");
    }
    text.push_str("}\n");
    text
}

fn compiled(files: &One) -> Compilation {
    let compilation = compile(files, &["main.mlflow".to_owned()], &Options::default());
    assert!(!compilation.has_errors(), "the benchmark's own project has errors");
    compilation
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
fn parse(bencher: divan::Bencher<'_, '_>, steps: usize) {
    let text = chain(steps);
    bencher.bench(|| syntax::parse(FileId(0), &text));
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
fn check(bencher: divan::Bencher<'_, '_>, steps: usize) {
    let files = One(chain(steps));
    bencher.bench(|| compiled(&files));
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
fn write_documents(bencher: divan::Bencher<'_, '_>, steps: usize) {
    let files = One(chain(steps));
    let compilation = compiled(&files);
    bencher.bench(|| targets::emit(&compilation));
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
fn format(bencher: divan::Bencher<'_, '_>, steps: usize) {
    let text = chain(steps);
    bencher.bench(|| syntax::format(&text));
}

/// Layers of a hundred steps with edges into the layer before, of which no part is series-parallel.
#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
fn schedule(bencher: divan::Bencher<'_, '_>, steps: u32) {
    let mut edges = Vec::new();
    for after in 100.min(steps / 10)..steps {
        let width = 100.min(steps / 10);
        let layer = after / width - 1;
        edges.extend([3, 7, 31].map(|factor| (layer * width + after * factor % width, after)));
    }
    bencher.bench(|| mlflow_compiler::graph::schedule::schedule(steps as usize, &edges, &[]));
}
