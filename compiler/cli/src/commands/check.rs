//! `mlflowc check`: findings and nothing else.

use crate::arguments::{Check, Color};
use crate::commands::compiled;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::watch::{self, Round};

pub(crate) fn run(arguments: &Check, color: Color) -> Result<Exit, Failure> {
    if arguments.watch {
        return watch::watch(color, || round(arguments, color));
    }
    Ok(round(arguments, color)?.exit)
}

fn round(arguments: &Check, color: Color) -> Result<Round, Failure> {
    let outcome = compiled(&arguments.input)?;
    let failed = outcome.report(&arguments.reporting, color, false)?;
    Ok(Round {
        exit: if failed { Exit::Findings } else { Exit::Clean },
        folders: if arguments.watch { outcome.folders(&arguments.input) } else { Vec::new() },
        written: Vec::new(),
    })
}
