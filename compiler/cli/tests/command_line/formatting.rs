//! `fmt`: in place, as a check, and from standard input.

use crate::project::{Project, SOUND};

#[test]
fn files_are_laid_out_in_place_and_checked() {
    let project = Project::with(&SOUND.replace("image    =", "image ="));
    let check = project.run(&["fmt", "--check"]);
    assert_eq!((check.code, check.out.as_str()), (1, "main.mlflow\n"));
    assert!(project.read("main.mlflow").contains("image ="), "a check changes nothing");
    assert_eq!(project.run(&["fmt"]).code, 0);
    assert_eq!(project.read("main.mlflow"), SOUND);
    let again = project.run(&["fmt", "--check"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""), "{}", again.err);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let project = Project::empty();
    let ran = project.run_with(&["fmt", "-"], "schema   S { x: int }\n");
    assert_eq!((ran.code, ran.out.as_str()), (0, "schema S { x: int }\n"), "{}", ran.err);
    assert_eq!(project.run_with(&["fmt", "--check", "-"], "schema   S { x: int }\n").code, 1);
}

#[test]
fn what_cannot_be_read_is_left_and_reported() {
    let text = "workflow w {\n  step = = 3\n";
    let project = Project::with(text);
    let ran = project.run(&["fmt"]);
    assert!(ran.code == 1 && ran.err.contains("main.mlflow:"), "{}", ran.err);
    assert_eq!(project.read("main.mlflow"), text);
    let piped = project.run_with(&["fmt", "-"], text);
    assert_eq!((piped.code, piped.out.as_str()), (1, text));
    assert!(piped.err.contains("<stdin>:"), "{}", piped.err);
    let bytes = project.run_with(&["fmt", "-"], b"\xff".to_vec());
    assert!(bytes.code == 2 && bytes.err.contains("not valid UTF-8"), "{}", bytes.err);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::empty();
    project.write("real.txt", "schema   S { x: int }\n");
    fs::set_permissions(project.path("real.txt"), fs::Permissions::from_mode(0o640)).expect("permissions");
    symlink("real.txt", project.path("link.mlflow")).expect("a link");
    assert_eq!(project.run(&["fmt", "link.mlflow"]).code, 0);
    assert!(fs::symlink_metadata(project.path("link.mlflow")).expect("it is there").is_symlink());
    assert_eq!(project.read("real.txt"), "schema S { x: int }\n");
    assert_eq!(fs::metadata(project.path("real.txt")).expect("it is there").permissions().mode() & 0o777, 0o640);
}
