//! The program `mlflowc`. All it does is in the library beside it; here only the exit code is given to the system.

use std::process::ExitCode;

fn main() -> ExitCode {
    mlflow_cli::run(std::env::args_os())
}
