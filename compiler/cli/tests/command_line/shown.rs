//! What a person sees, as snapshots beside the test. `INSTA_UPDATE=always cargo test -p mlflowc` writes them anew; read the
//! difference.

use crate::project::{Project, Ran, SOUND, broken};

/// Output and exit code, with line ends and places that are the same on every machine.
fn shown(ran: &Ran) -> String {
    format!("{}{}exit {}\n", ran.out, ran.err, ran.code).replace("\r\n", "\n")
}

#[test]
fn an_error_for_people() {
    insta::assert_snapshot!(shown(&Project::with(&broken()).run(&["check"])));
}

#[test]
fn an_error_as_json() {
    insta::assert_snapshot!(shown(&Project::with(&broken()).run(&["check", "--format", "json"])));
}

#[test]
fn an_error_for_github() {
    insta::assert_snapshot!(shown(&Project::with(&broken()).run(&["check", "--format", "github"])));
}

#[test]
fn a_plan() {
    insta::assert_snapshot!(shown(&Project::with(SOUND).run(&["plan"])));
}

#[test]
fn a_graph() {
    insta::assert_snapshot!(shown(&Project::with(SOUND).run(&["graph"])));
}

#[test]
fn a_build() {
    insta::assert_snapshot!(shown(&Project::with(SOUND).run(&["build"])));
}

#[test]
fn a_folder_without_files() {
    insta::assert_snapshot!(shown(&Project::empty().run(&["check"])));
}

#[test]
fn a_file_that_is_not_there() {
    insta::assert_snapshot!(shown(&Project::with(SOUND).run(&["check", "man.mlflow"])));
}

#[test]
fn bytes_that_are_no_text() {
    let project = Project::with(SOUND);
    project.write("main.mlflow", [b"project small {\n  region = \"".as_slice(), &[0xff, 0xfe], b"\"\n}\n"].concat());
    insta::assert_snapshot!(shown(&project.run(&["check"])));
}

#[test]
fn windows_line_ends_and_a_byte_order_mark() {
    let project = Project::with(SOUND);
    project.write("main.mlflow", format!("\u{feff}{}", broken().replace('\n', "\r\n")));
    insta::assert_snapshot!(shown(&project.run(&["check"])));
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(shown(&Project::with("").run(&["check"])));
}

#[test]
fn one_file_named_twice() {
    insta::assert_snapshot!(shown(&Project::with(&broken()).run(&["check", "main.mlflow", "./main.mlflow", "."])));
}
