//! A folder with sources for one test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

/// A project of one workflow that compiles.
pub(crate) const SOUND: &str = r#"project small {
  region = "eu-west-1"
  bucket = "files"
}

config size: string = "ml.m5.xlarge"

workflow prepare {
  transform rows = processing {
    image    = sklearn("1.2-1")
    instance = "ml.m5.xlarge"
    script   = "prepare.py"
    out { train: table = { format = "csv" } }
  }
}
"#;

/// The same with one mistake, on line 12.
pub(crate) fn broken() -> String {
    SOUND.replace("script   =", "skript   =")
}

pub(crate) struct Project {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn empty() -> Project {
        Project { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// With `main.mlflow` and the script that [`SOUND`] names.
    pub(crate) fn with(source: &str) -> Project {
        let project = Project::empty();
        project.write("main.mlflow", source);
        project.write("prepare.py", "print('rows')\n");
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program());
        command.current_dir(self.root()).env_remove("NO_COLOR");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(&self.command().args(arguments).output().expect("mlflowc runs"))
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
        ran(&self.command().args(arguments).write_stdin(input).output().expect("mlflowc runs"))
    }
}

pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_mlflowc")
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().expect("mlflowc ends by itself"),
        out: String::from_utf8(output.stdout.clone()).expect("UTF-8"),
        err: String::from_utf8(output.stderr.clone()).expect("UTF-8"),
    }
}
