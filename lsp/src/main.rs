//! `mlflow-lsp`: the language server over standard input and output.

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("--version" | "-V") => {
            println!("mlflow-lsp {}", env!("CARGO_PKG_VERSION"));
            std::process::ExitCode::SUCCESS
        }
        // What some editors pass without being asked.
        None | Some("--stdio") => mlflow_lsp::serve_standard_io(),
        Some(other) => {
            eprintln!(
                "mlflow-lsp speaks the Language Server Protocol over standard input and output; `{other}` means nothing to it"
            );
            std::process::ExitCode::from(2)
        }
    }
}
