//! `--watch`: a round for every change, and no end for a mistake.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::project::{Project, SOUND, broken, program};

/// A process that is ended with the test.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(project: &Project, arguments: &[&str]) -> Watching {
        let mut child = Command::new(program())
            .args(arguments)
            .current_dir(project.root())
            .stderr(Stdio::piped())
            .spawn()
            .expect("mlflowc runs");
        let (sender, lines) = channel();
        let stderr = child.stderr.take().expect("it is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Watching { child, lines }
    }

    /// The lines up to the one that says that a round is over.
    fn round(&self) -> String {
        let mut out = String::new();
        loop {
            let line =
                self.lines.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("no more than:\n{out}"));
            if line.starts_with("Watching for changes") {
                return out;
            }
            out.push_str(&line);
            out.push('\n');
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It has ended by itself where a test failed for that reason.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn changes_are_built_and_mistakes_survived() {
    let project = Project::with(SOUND);
    let watching = Watching::start(&project, &["build", "--watch"]);
    assert!(watching.round().contains("Built small"), "the first round");
    project.write("main.mlflow", broken());
    assert!(watching.round().contains("1 error"), "a mistake");
    project.write("main.mlflow", SOUND);
    assert!(watching.round().contains("none changed"), "mended");
    project.write("prepare.py", "print('other rows')\n");
    assert!(watching.round().contains("Built small"), "a script");
    std::fs::remove_file(project.path("main.mlflow")).expect("it can be removed");
    assert!(watching.round().contains("no .mlflow file"), "gone");
    project.write("main.mlflow", SOUND);
    assert!(watching.round().contains("Built small"), "back");
}

#[test]
fn new_files_are_seen() {
    let project = Project::with(SOUND);
    let watching = Watching::start(&project, &["check", "--watch"]);
    assert!(watching.round().contains("No problems in 1 file"));
    project.write("more.mlflow", "schema S { x: int }\n");
    assert!(watching.round().contains("in 2 files"));
}
