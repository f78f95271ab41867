//! `mlflowc completions`: what a shell needs to complete our arguments.

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

pub(crate) fn run(arguments: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "mlflowc", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}
