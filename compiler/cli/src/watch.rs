//! Doing it again whenever a file changes. A round that fails is reported and waited out like any other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Event, RecursiveMode, Watcher};

use crate::arguments::Color;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// A save is several events; a round begins when none came for this long,
const QUIET: Duration = Duration::from_millis(50);
/// but does not wait longer than this for it.
const PATIENCE: Duration = Duration::from_millis(500);

/// What one round did.
pub(crate) struct Round {
    pub(crate) exit: Exit,
    /// Where a change calls for another round.
    pub(crate) folders: Vec<PathBuf>,
    /// What the round itself writes below.
    pub(crate) written: Vec<PathBuf>,
}

type Events = Receiver<notify::Result<Event>>;

/// Runs rounds until the process is ended.
pub(crate) fn watch(color: Color, mut round: impl FnMut() -> Result<Round, Failure>) -> Result<Exit, Failure> {
    let failed = |source| Failure::Watch { source };
    let (sender, events) = channel();
    let mut watcher = notify::recommended_watcher(sender).map_err(failed)?;
    let mut watched: Vec<PathBuf> = Vec::new();
    let mut written: Vec<PathBuf> = Vec::new();
    loop {
        match catch_unwind(AssertUnwindSafe(&mut round)) {
            Ok(Ok(done)) => {
                for folder in watched.iter().filter(|folder| !done.folders.contains(folder)) {
                    // It may be gone, and then it is not watched any more.
                    let _ = watcher.unwatch(folder);
                }
                for folder in done.folders.iter().filter(|folder| folder.is_dir()) {
                    // Again in every round: a folder may have gone and come back.
                    watcher.watch(folder, RecursiveMode::NonRecursive).map_err(failed)?;
                }
                watched = done.folders;
                written = done.written;
            }
            // Before the first round that could be done there is nothing to watch.
            Ok(Err(failure)) if watched.is_empty() => return Err(failure),
            Ok(Err(failure)) => terminal::print_failure(&failure, color),
            Err(_) => terminal::say("This is a mistake in mlflowc; please report it. Still watching."),
        }
        terminal::say("Watching for changes (Ctrl-C ends)");
        let Some(changed) = wait(&events, &written) else { return Ok(Exit::Unusable) };
        let name = changed.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        terminal::say(&format!("\n{name} changed"));
    }
}

/// Waits for a change that counts, and until it is over. `None` where no event can come any more.
fn wait(events: &Events, written: &[PathBuf]) -> Option<PathBuf> {
    let changed = loop {
        if let Some(path) = counts(events.recv().ok()?, written) {
            break path;
        }
    };
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        match events.recv_timeout(QUIET) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(changed)
}

/// The path of an event that another round is due for.
fn counts(event: notify::Result<Event>, written: &[PathBuf]) -> Option<PathBuf> {
    let event = event.ok()?;
    if event.kind.is_access() {
        return None;
    }
    event.paths.into_iter().find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Editors keep what is not yet saved in hidden files and in those that end in `~`.
        let aside = name.starts_with('.') || name.ends_with('~');
        let own = written.iter().any(|folder| path.starts_with(folder) || folder.parent() == Some(Path::new(path)));
        !aside && !own
    })
}
