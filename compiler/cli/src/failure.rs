//! What keeps a run from being done and has no place in a source file: usage, configuration, disk. Findings about
//! source files are never in here.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

#[derive(Debug, Error, Diagnostic)]
pub(crate) enum Failure {
    #[error("`{path}` does not exist.")]
    #[diagnostic(help(
        "paths are relative to the current folder; quote a pattern such as '**/*.mlflow' so that mlflowc sees it"
    ))]
    NoSuchPath { path: String },

    #[error("There is no .mlflow file in {place}.")]
    #[diagnostic(help("`mlflowc new NAME` writes a small project to start from"))]
    NothingToRead { place: String },

    #[error("`{path}` is not a .mlflow file.")]
    #[diagnostic(help("name a file that ends in .mlflow, a folder, or a pattern"))]
    NotSource { path: String },

    #[error("The path `{path}` is not valid UTF-8.")]
    #[diagnostic(help("rename it; names of files appear in what the compiler writes, which is UTF-8 throughout"))]
    PathNotUnicode { path: String },

    #[error("The pattern `{pattern}` cannot be read: {reason}.")]
    Pattern { pattern: String, reason: String },

    #[error("The pattern `{pattern}` fits no .mlflow file.")]
    PatternFitsNothing { pattern: String },

    #[error("`{path}` cannot be read.")]
    Read { path: String, source: io::Error },

    #[error("`{path}` is not valid UTF-8: the byte at offset {offset} begins no character.")]
    #[diagnostic(help("save the file as UTF-8"))]
    NotUtf8 { path: String, offset: usize },

    #[error("`{path}` cannot be written.")]
    #[diagnostic(help("{help}"))]
    Write { path: String, help: String, source: io::Error },

    #[error("`{path}` is there already, and importing would change it.")]
    #[diagnostic(help("name another folder with `--output DIR`, or write over it with `--force`"))]
    AlreadyThere { path: String },

    #[error("The output folder holds a document outside itself: `{path}`.")]
    DocumentOutside { path: String },

    #[error("`{argument}` sets nothing.")]
    #[diagnostic(help("write `--set NAME=VALUE`, for example `--set environment=prod`"))]
    Setting { argument: String },

    #[error("`{path}` cannot be used for values: {reason}.")]
    #[diagnostic(help(
        "a file of values is a TOML table or JSON object: names of `config` declarations and their values"
    ))]
    Values { path: String, reason: String },

    #[error("`{path}` is not a file of facts: {reason}.")]
    #[diagnostic(help("`--facts` takes a file that stdlib/aws/refresh.py wrote"))]
    Facts { path: String, reason: String },

    #[error("`{command}` cannot be run: {source}.")]
    #[diagnostic(help("install the AWS command line, or run the commands that `mlflowc package` shows elsewhere"))]
    Command { command: String, source: std::io::Error },

    #[error("These files declare no workflow.")]
    #[diagnostic(help("a workflow is declared with `workflow NAME {{ … }}` in a file that belongs to a `project`"))]
    NoWorkflow,

    #[error("There are {count} workflows: {names}.")]
    #[diagnostic(help("say which one to print with `--workflow NAME`"))]
    SeveralWorkflows { count: usize, names: String },

    #[error("There is no workflow `{name}`.")]
    #[diagnostic(help("{help}"))]
    NoSuchWorkflow { name: String, help: String },

    #[error("There is no code `{code}`.")]
    #[diagnostic(help("{help}"))]
    NoSuchCode { code: String, help: String },

    #[error("`{folder}` holds no document that mlflowc built.")]
    #[diagnostic(help("run `mlflowc build` first, or name the output folder with `--build-folder DIR`"))]
    NothingBuilt { folder: String },

    #[error("Nothing in `{folder}` answers to `{query}`.")]
    #[diagnostic(help("{help}"))]
    NothingFound { folder: String, query: String, help: String },

    #[error("There is nothing to look for.")]
    #[diagnostic(help(
        "give a path such as 'Steps[2].Arguments.RoleArn', a line such as churn.pipeline.json:120, or paste the text of an AWS error and end with Ctrl-D"
    ))]
    NoQuery,

    #[error("The source map `{path}` cannot be read: {reason}.")]
    #[diagnostic(help("run `mlflowc build` again"))]
    SourceMap { path: String, reason: String },

    #[error("`{name}` cannot name a project.")]
    #[diagnostic(help("use letters, digits, `_` and `-`, and begin with a letter: `mlflowc new churn`"))]
    ProjectName { name: String },

    #[error("The folder `{path}` exists and is not empty.")]
    #[diagnostic(help("choose another name, or empty the folder"))]
    FolderInUse { path: String },

    #[error("Files cannot be watched.")]
    Watch { source: notify::Error },

    #[error("The result cannot be printed.")]
    Print { source: io::Error },

    #[error("The current folder cannot be told.")]
    CurrentFolder { source: io::Error },
}

impl Failure {
    pub(crate) fn read(path: impl Into<String>, source: io::Error) -> Failure {
        Failure::Read { path: path.into(), source }
    }

    pub(crate) fn write(path: &std::path::Path, source: io::Error) -> Failure {
        let path: PathBuf = path.to_owned();
        let help = match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "choose a folder you may write to, with `--output DIR`; what was there before is unchanged"
            }
            io::ErrorKind::StorageFull => "make room on the disk; what was there before is unchanged",
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                "a file stands where a folder is needed; remove it or choose another folder with `--output DIR`"
            }
            _ => "what was there before is unchanged",
        };
        Failure::Write { path: path.display().to_string(), help: help.to_owned(), source }
    }
}
