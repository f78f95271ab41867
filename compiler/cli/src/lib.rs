//! The command line of the .mlflow compiler: arguments, disk and terminal around the pure library. It owns everything
//! that people and machines see of a run, and decides nothing about the language.

mod arguments;
mod commands;
mod disk;
mod exit;
mod failure;
mod json;
mod output;
mod paths;
mod settings;
mod terminal;
mod trace;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
pub use crate::disk::DiskFiles;
use crate::exit::Exit;
pub use crate::exit::{CLEAN, FINDINGS, UNUSABLE};
pub use crate::output::{plain, summary};

/// The pages of the error codes, by code.
pub use crate::commands::explain::PAGES;

/// Runs the program with the given arguments, the first of which is the program's own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes: clap gives them the code 0, and 2 to everything else. Where even the
            // message cannot be written there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { UNUSABLE } else { CLEAN });
        }
    };
    let color = arguments.color;
    let exit = std::panic::catch_unwind(|| dispatch(arguments)).unwrap_or_else(|_| {
        eprintln!("\nThis is a mistake in mlflowc, not in your files. Please report it with the message above.");
        Ok(Exit::Unusable)
    });
    match exit {
        Ok(exit) => exit.code(),
        Err(failure) => {
            terminal::print_failure(&failure, color);
            Exit::Unusable.code()
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<Exit, failure::Failure> {
    let color = arguments.color;
    match arguments.command {
        Command::Check(check) => commands::check::run(&check, color),
        Command::Build(build) => commands::build::run(&build, color),
        Command::Fmt(fmt) => commands::fmt::run(&fmt, color),
        Command::Plan(plan) => commands::plan::run(&plan, color),
        Command::Package(package) => commands::package::package(&package, color),
        Command::Deploy(deploy) => commands::package::deploy(&deploy, color),
        Command::Graph(graph) => commands::graph::run(&graph, color),
        Command::Explain(explain) => commands::explain::run(&explain),
        Command::Trace(trace) => commands::trace::run(&trace, color),
        Command::Import(import) => commands::import::run(&import, color),
        Command::New(new) => commands::new::run(&new),
        Command::Completions(completions) => commands::completions::run(&completions),
    }
}
