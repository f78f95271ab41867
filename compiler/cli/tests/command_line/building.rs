//! `build`: what is written, when nothing is, and what is left alone.

use std::fs;

use crate::project::{Project, SOUND, broken};

fn listing(project: &Project, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(project.path(folder)) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn documents_go_to_the_folder_of_the_project() {
    let project = Project::with(SOUND);
    let ran = project.run(&["build"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("Built small in build/small: "), "{}", ran.err);
    let names = listing(&project, "build/small");
    for name in [".mlflowc.json", "graph.json", "prepare.pipeline.json", "prepare.pipeline.json.map"] {
        assert!(names.iter().any(|other| other == name), "{name} is not among {names:?}");
    }
    let again = project.run(&["build"]);
    assert!(again.err.contains("none changed"), "{}", again.err);
    assert_eq!(project.run(&["build", "-o", "dist/out"]).code, 0);
    assert_eq!(listing(&project, "dist/out/small"), names);
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    let documents = || {
        let project = Project::with(SOUND);
        assert_eq!(project.run(&["build"]).code, 0);
        let names = listing(&project, "build/small");
        names.iter().map(|name| project.read(&format!("build/small/{name}"))).collect::<Vec<_>>()
    };
    assert_eq!(documents(), documents());
}

#[test]
fn a_failed_build_leaves_the_last_good_one() {
    let project = Project::with(SOUND);
    assert_eq!(project.run(&["build"]).code, 0);
    let before = (listing(&project, "build/small"), project.read("build/small/prepare.pipeline.json"));
    project.write("main.mlflow", broken());
    assert_eq!(project.run(&["build"]).code, 1);
    assert_eq!((listing(&project, "build/small"), project.read("build/small/prepare.pipeline.json")), before);
    let fresh = Project::with(&broken());
    assert_eq!(fresh.run(&["build"]).code, 1);
    assert!(!fresh.path("build").exists(), "nothing is written where there are errors");
}

#[test]
fn documents_that_are_no_longer_made_go_and_other_files_stay() {
    let project = Project::with(SOUND);
    assert_eq!(project.run(&["build"]).code, 0);
    project.write("build/small/mine.pipeline.json", "{}");
    project.write("main.mlflow", SOUND.replace("workflow prepare", "workflow renamed"));
    let ran = project.run(&["build"]);
    assert!(ran.err.contains("2 no longer made removed"), "{}", ran.err);
    let names = listing(&project, "build/small");
    assert!(names.iter().any(|name| name == "renamed.pipeline.json"), "{names:?}");
    assert!(names.iter().any(|name| name == "mine.pipeline.json"), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("prepare.")), "{names:?}");
}

#[test]
fn an_output_that_cannot_be_written_is_one_failure() {
    let project = Project::with(SOUND);
    project.write("taken", "a file");
    let ran = project.run(&["build", "--output", "taken"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(ran.err.matches("cannot be written").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("a file stands where a folder is needed"), "{}", ran.err);
    assert_eq!(project.read("taken"), "a file");
}

#[test]
fn one_definition_can_be_printed() {
    let project = Project::with(SOUND);
    let ran = project.run(&["build", "--stdout"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let definition: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert!(definition["Steps"].is_array());
    assert!(!project.path("build").exists());

    let second = SOUND.split("workflow prepare").nth(1).expect("a workflow").to_owned();
    project.write("main.mlflow", format!("{SOUND}\nworkflow again{second}"));
    let several = project.run(&["build", "--stdout"]);
    assert!(several.code == 2 && several.err.contains("`prepare` and `again`"), "{}", several.err);
    let named = project.run(&["build", "--stdout", "--workflow", "again"]);
    assert!(named.code == 0 && named.out.contains("\"Steps\""), "{}", named.err);
    let wrong = project.run(&["build", "--stdout", "--workflow", "agian"]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean `again`?"), "{}", wrong.err);
    assert_eq!(project.run(&["build", "--workflow", "again"]).code, 2, "--workflow needs --stdout");
}

#[test]
fn findings_do_not_mix_with_a_printed_definition() {
    let project = Project::with(SOUND);
    let ran = project.run(&["build", "--stdout", "--format", "json"]);
    serde_json::from_str::<serde_json::Value>(&ran.out).expect("one JSON document");
    serde_json::from_str::<serde_json::Value>(&ran.err).expect("the findings");
}
