use mlflow_compiler::compilation::{Options, compile};
use mlflow_compiler::source::*;
struct Disk(std::path::PathBuf);
impl ReadFiles for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        std::fs::read(self.0.join(path)).map_err(|e| {
            if e.kind() == std::io::ErrorKind::NotFound { ReadError::NotFound } else { ReadError::Other(e.to_string()) }
        })
    }
    fn kind(&self, path: &str) -> Option<PathKind> {
        let m = std::fs::metadata(self.0.join(path)).ok()?;
        Some(if m.is_dir() { PathKind::Folder } else { PathKind::File })
    }
    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let mut v: Vec<String> = std::fs::read_dir(self.0.join(folder))
            .map_err(|e| ReadError::Other(e.to_string()))?
            .filter_map(|e| e.ok())
            .filter(|e| e.path().is_file())
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect();
        v.sort();
        Ok(v)
    }
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let p = std::path::Path::new(&path);
    let disk = Disk(p.parent().unwrap().to_owned());
    let t = std::time::Instant::now();
    let c = compile(&disk, &[p.file_name().unwrap().to_string_lossy().into_owned()], &Options::default());
    let t1 = t.elapsed();
    for d in &c.diagnostics {
        let s = d.primary.span;
        let (f, l) = if s.is_none() {
            ("-".to_owned(), LineColumn { line: 0, column: 0 })
        } else {
            let f = c.sources.get(s.file);
            (f.name.clone(), f.lines().bytes(s.start))
        };
        println!(
            "{}:{}:{}: {} {} [{}]",
            f,
            l.line + 1,
            l.column + 1,
            d.code(),
            d.message,
            c.sources.text(s).lines().next().unwrap_or("")
        );
        for r in &d.related {
            let f = c.sources.get(r.span.file);
            let l = f.lines().bytes(r.span.start);
            println!("    related {}:{}: {}", f.name, l.line + 1, r.text);
        }
        for h in &d.help {
            println!("    help: {h}");
        }
        if let Some(f) = &d.fix {
            println!("    fix: {}", f.title);
        }
    }
    let t = std::time::Instant::now();
    let e = mlflow_compiler::targets::emit(&c);
    for d in &e.diagnostics {
        println!(
            "emit: {} {} [{}]",
            d.code(),
            d.message,
            if d.primary.span.is_none() { "" } else { c.sources.text(d.primary.span) }
        );
    }
    eprintln!("compile {t1:?} emit {:?}", t.elapsed());
    if std::env::args().nth(2).is_some() {
        for d in &e.documents {
            if !d.path.ends_with(".map") {
                println!("== {}\n{}", d.path, d.text);
            }
        }
    }
}
