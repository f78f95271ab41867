//! The command line as it is written: names, defaults and help. It decides nothing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  mlflowc new churn                      write a small project to start from
  mlflowc check                          check every .mlflow file below this folder
  mlflowc build --set environment=prod   write what AWS is given to build/
  mlflowc plan                           see what each workflow becomes, and why
  mlflowc explain E0301                  read about a finding

Exit codes: 0 nothing found, 1 findings, 2 the command line, the disk or mlflowc itself is at fault.";

/// The compiler of .mlflow files: ML workflows on AWS, checked before anything is spent.
#[derive(Debug, Parser)]
#[command(name = "mlflowc", version, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// When to use colours; `auto` uses them on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files and report what is wrong
    Check(Check),
    /// Write the documents that AWS is given
    Build(Build),
    /// Lay files out in the one common style
    Fmt(Fmt),
    /// Show what each workflow becomes: engine, steps, order, locations
    Plan(Plan),
    /// Pack what the stack needs beside its template, and show the commands that deploy it
    Package(Package),
    /// Upload and deploy, by the two commands that `package` shows
    Deploy(Deploy),
    /// Draw the workflows as graphs
    Graph(Graph),
    /// Explain the code of a finding
    Explain(Explain),
    /// Find the source of a place in a built document, or of an AWS error
    Trace(Trace),
    /// Write state machines and pipelines, as AWS has them, as .mlflow files
    Import(Import),
    /// Write a small project that compiles
    New(New),
    /// Print completions for a shell
    Completions(Completions),
}

/// What is compiled.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files, folders or quoted patterns; a folder stands for all .mlflow files below it, except in build, target,
    /// node_modules and hidden folders [default: the current folder]
    #[arg(value_name = "PATHS")]
    pub(crate) paths: Vec<String>,
    /// Give a `config` its value; may be repeated, and wins over --values
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Read values of `config`s from a TOML, JSON or YAML file; of several, later ones win
    #[arg(long, value_name = "FILE")]
    pub(crate) values: Vec<PathBuf>,
    /// Use newer facts about AWS than those mlflowc was built with
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
}

/// How findings are reported.
#[derive(Debug, Args)]
pub(crate) struct Reporting {
    /// How findings are written: for people, as JSON, as SARIF 2.1.0, or as GitHub annotations
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
    /// Treat warnings as errors
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc check
  mlflowc check churn.mlflow 'teams/*/workflows/*.mlflow'
  mlflowc check --watch
  mlflowc check --format sarif --deny-warnings > findings.sarif")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// Check again whenever a file changes
    #[arg(long, short)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Every document is written under its final name in one step, and nothing at all is written while there are errors: what
was built last stays as it is. Documents that an earlier build wrote and this one no longer makes are removed; the file
.mlflowc.json in each project's folder lists them. Files that mlflowc did not write are never touched.

Examples:
  mlflowc build
  mlflowc build churn.mlflow --output dist --set environment=prod --set workers=8
  mlflowc build --values prod.toml --watch
  mlflowc build churn.mlflow --workflow train --stdout > train.json")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// The folder to write to; each project has a folder in it
    #[arg(long, short, value_name = "DIR", default_value = "build")]
    pub(crate) output: PathBuf,
    /// Print a workflow's definition instead of writing files
    #[arg(long, conflicts_with = "watch")]
    pub(crate) stdout: bool,
    /// The workflow to print, where there are several
    #[arg(long, value_name = "NAME", requires = "stdout")]
    pub(crate) workflow: Option<String>,
    /// Build again whenever a file changes
    #[arg(long, short)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc fmt
  mlflowc fmt --check                    for continuous integration: changes nothing, exit code 1 if a file would change
  cat churn.mlflow | mlflowc fmt -       from standard input to standard output")]
pub(crate) struct Fmt {
    /// Files, folders or quoted patterns, or `-` for standard input [default: the current folder]
    #[arg(value_name = "PATHS")]
    pub(crate) paths: Vec<String>,
    /// Change nothing; name the files that would change
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc plan
  mlflowc plan churn.mlflow --set environment=prod
  mlflowc plan --format json | jq '.projects[].workflows[].engine'")]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) input: Input,
    /// For people or for programs
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlanFormat,
    /// Show the roles of the stack instead: who may do what, and which lines ask for it
    #[arg(long)]
    pub(crate) permissions: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Everything that is built, and what must be uploaded: files and folders under their keys in package/, and manifest.json with
their hashes. The same files give the same bytes.

Examples:
  mlflowc package
  mlflowc package churn.mlflow --set environment=prod")]
pub(crate) struct Package {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// The folder to write to; each project has a folder in it
    #[arg(long, short, value_name = "DIR", default_value = "build")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Runs `aws s3 cp` and `aws cloudformation deploy`, which must be installed and signed in. Where a resource fails, its line is
shown.

Examples:
  mlflowc deploy
  mlflowc deploy churn.mlflow --set environment=prod")]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// The folder to write to; each project has a folder in it
    #[arg(long, short, value_name = "DIR", default_value = "build")]
    pub(crate) output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    Human,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc graph > workflow.mmd
  mlflowc graph --format dot | dot -Tsvg > workflow.svg
  mlflowc graph --format json --workflow train_churn")]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) input: Input,
    /// The language of the drawing
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    pub(crate) format: GraphFormat,
    /// Draw only this workflow
    #[arg(long, value_name = "NAME")]
    pub(crate) workflow: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    Mermaid,
    Dot,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc explain E0301
  mlflowc explain                        list all codes")]
pub(crate) struct Explain {
    /// The code, as it stands in brackets behind `error` or `warning`
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc trace 'Steps[2].Arguments.RoleArn'
  mlflowc trace /Steps/2/Arguments
  mlflowc trace churn.pipeline.json:120
  mlflowc trace \"1 validation error detected: Value '0' at 'processingResources.clusterConfig.instanceCount' …\"
  aws sagemaker create-pipeline … 2>&1 | mlflowc trace")]
pub(crate) struct Trace {
    /// A path into a document, a line of one, or the text of an AWS error; without it, standard input is read
    pub(crate) query: Option<String>,
    /// The folder that `mlflowc build` wrote
    #[arg(long, value_name = "DIR", default_value = "build")]
    pub(crate) build_folder: PathBuf,
    /// For people or for programs
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlanFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Reads Step Functions definitions in JSON and YAML, SageMaker Pipeline definitions, and CloudFormation and SAM templates that
hold either. Building what is written gives back the same document. What is wrong with a definition is reported at its place
in the file that was read; nothing is written where a file is broken.

Examples:
  mlflowc import orders.asl.json
  mlflowc import template.yaml pipelines/*.json --output workflows")]
pub(crate) struct Import {
    /// The files to read
    #[arg(value_name = "FILES", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The folder to write to
    #[arg(long, short, value_name = "DIR", default_value = ".")]
    pub(crate) output: PathBuf,
    /// Write over files that are there and differ
    #[arg(long)]
    pub(crate) force: bool,
    /// How findings are written: for people, as JSON, as SARIF 2.1.0, or as GitHub annotations
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc new churn && cd churn && mlflowc build")]
pub(crate) struct New {
    /// The name of the project and of its folder
    pub(crate) name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mlflowc completions bash > ~/.local/share/bash-completion/completions/mlflowc
  mlflowc completions zsh > ~/.zfunc/_mlflowc
  mlflowc completions fish > ~/.config/fish/completions/mlflowc.fish")]
pub(crate) struct Completions {
    pub(crate) shell: Shell,
}
