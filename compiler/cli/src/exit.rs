//! What a run ends with.

use std::process::ExitCode;

/// Nothing was found.
pub const CLEAN: u8 = 0;
/// The files have findings, or `fmt --check` would change them.
pub const FINDINGS: u8 = 1;
/// The command line, the disk or mlflowc itself kept the work from being done.
pub const UNUSABLE: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Clean,
    Findings,
    Unusable,
}

impl Exit {
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Exit::Clean => CLEAN,
            Exit::Findings => FINDINGS,
            Exit::Unusable => UNUSABLE,
        })
    }
}
