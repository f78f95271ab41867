//! How long an editor waits: 95th percentiles of the time from a change to its findings, of completion, hover and
//! formatting, and the memory after many edits. `cargo bench -p mlflow-compiler --bench edit`

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use mlflow_compiler::compilation::Options;
use mlflow_compiler::ide::{Engine, Workspace};
use mlflow_compiler::source::{PathKind, ReadError, ReadFiles};

struct NoFiles;

impl ReadFiles for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::NotFound)
    }

    fn kind(&self, _: &str) -> Option<PathKind> {
        None
    }

    fn list(&self, _: &str) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }
}

/// One workflow of about forty lines.
fn workflow(number: usize, out: &mut String) {
    let _ = write!(
        out,
        r#"
workflow train_{number} {{
  param rate_{number}: float(0..1) = 0.5
  source raw: table<Row> = s3 {{ uri = "s3://bucket/raw/{number}/", format = "csv", header = false }}

  transform prepare = processing {{
    image    = sklearn("1.2-1")
    instance = "ml.m5.xlarge"
    command  = ["python3", "prepare.py", "${{size}}"]
    in {{ raw }}
    out {{
      train: table<Row> = {{ format = "csv", header = false }}
      test:  table<Row> = {{ format = "csv", header = false }}
    }}
  }}

  train fit = xgboost("1.7-1") {{
    instance = "ml.m5.xlarge"
    in {{ train = prepare.train, validation = prepare.test }}
    hyperparameters {{
      objective = "reg:squarederror"
      num_round = {number}
      max_depth = 5
    }}
  }}

  evaluate quality = processing {{
    image    = xgboost_image("1.7-1")
    instance = "ml.m5.xlarge"
    command  = ["python3", "evaluate.py"]
    in {{ model = fit.model, test = prepare.test }}
    out {{ report: report<{{ metrics: {{ mse: float }} }}> }}
  }}

  when quality.report.metrics.mse <= rate_{number} {{
    register candidate = model_package {{ group = "group", model = fit.model, metrics = quality.report }}
  }} else {{
    fail "The error ${{quality.report.metrics.mse}} is too large"
  }}
}}
"#
    );
}

fn file(lines: usize) -> String {
    let mut text = String::from(
        "project bench { region = \"eu-west-1\", bucket = \"bucket\" }\n\nlet size = 2\n\nschema Row { id: int, name?: string }\n",
    );
    let mut number = 1;
    while text.lines().count() < lines {
        workflow(number, &mut text);
        number += 1;
    }
    text
}

fn workspace(texts: &[(String, String)]) -> Workspace {
    let texts = texts.iter().map(|(path, text)| (path.clone(), Arc::from(text.as_str()))).collect();
    Workspace { texts, files: Arc::new(NoFiles), outside: 0 }
}

/// The 95th percentile in milliseconds.
fn p95(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() * 95 / 100]
}

fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

/// Types a word, letter by letter, in one workflow after another, and takes it away again.
fn typing(lines: usize, edits: usize) {
    let text = file(lines);
    let mut engine = Engine::new(Options::default());
    let start = Instant::now();
    engine.analyze(&workspace(&[("main.mlflow".into(), text.clone())]));
    println!("{lines} lines: first findings after {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let places: Vec<usize> = text.match_indices("\"reg:squarederror\"").map(|(at, _)| at).collect();
    let (mut changes, mut completions, mut hovers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tokens, mut outlines) = (Vec::new(), Vec::new());
    for edit in 0..edits {
        let at = places[edit / 8 % places.len()];
        let typed = &"prepare."[..edit % 8 + 1];
        let now = format!("{}{typed}{}", &text[..at], &text[at..]);
        let view = workspace(&[("main.mlflow".into(), now)]);
        let time = |start: Instant| start.elapsed().as_secs_f64() * 1e3;
        let start = Instant::now();
        let analysis = engine.analyze(&view);
        analysis.findings("main.mlflow");
        changes.push(time(start));
        let offset = (at + typed.len()) as u32;
        let start = Instant::now();
        std::hint::black_box(analysis.completions("main.mlflow", offset));
        completions.push(time(start));
        let start = Instant::now();
        std::hint::black_box(analysis.hover("main.mlflow", at as u32 - 60));
        hovers.push(time(start));
        if edit % 16 == 0 {
            let start = Instant::now();
            std::hint::black_box(analysis.semantic_tokens("main.mlflow", 0, u32::MAX));
            tokens.push(time(start));
            let start = Instant::now();
            std::hint::black_box(analysis.symbols("main.mlflow"));
            outlines.push(time(start));
        }
    }
    println!("{lines} lines, p95 of {edits} edits: change to findings {:.2} ms", p95(changes));
    println!("{lines} lines, p95: completion {:.2} ms, hover {:.2} ms", p95(completions), p95(hovers));
    println!("{lines} lines, p95: semantic tokens {:.2} ms, outline {:.2} ms", p95(tokens), p95(outlines));
    let formats: Vec<f64> = (0..20)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(mlflow_compiler::syntax::format(&text));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    println!("{lines} lines, p95: formatting {:.2} ms", p95(formats));
    if let Some(memory) = resident() {
        println!("{lines} lines: {memory:.0} MB resident after {edits} edits");
    }
}

fn main() {
    typing(1_000, 2_000);
    typing(10_000, 2_000);
    typing(10_000, 8_000);
    let files: Vec<(String, String)> = (0..200)
        .map(|number| {
            let project = format!("project p{number} {{ region = \"eu-west-1\", bucket = \"bucket\" }}\n");
            let text = file(100);
            (
                format!("f{number}/main.mlflow"),
                text.replacen("project bench { region = \"eu-west-1\", bucket = \"bucket\" }\n", &project, 1),
            )
        })
        .collect();
    let start = Instant::now();
    Engine::new(Options::default()).analyze(&workspace(&files));
    println!("200 files: first findings after {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
}
