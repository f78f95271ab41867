//! Puts the pages of `docs/errors` into the program as a table sorted by code, for `mlflowc explain`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let folder = Path::new(&manifest).join("../../docs/errors");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages: Vec<PathBuf> = match fs::read_dir(&folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?,
        // A checkout without documentation still builds; a test asks for every page.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    pages.sort();
    let mut table = String::from("&[\n");
    for page in pages {
        let code = page.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if page.extension().is_none_or(|extension| extension != "md") || !is_code(&code) {
            continue;
        }
        let path = fs::canonicalize(&page)?;
        writeln!(table, "    ({code:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    table.push(']');
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("pages.rs"), table)
}

fn is_code(name: &str) -> bool {
    name.len() == 5 && name.starts_with(['E', 'W']) && name[1..].bytes().all(|byte| byte.is_ascii_digit())
}
