//! `new`, `plan`, `graph`, `explain` and `completions`.

use crate::project::{Project, SOUND, broken};

#[test]
fn a_new_project_compiles_and_is_laid_out() {
    let project = Project::empty();
    let ran = project.run(&["new", "first-steps"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let inside = |arguments: &[&str]| {
        let mut command = project.command();
        command.current_dir(project.path("first-steps")).args(arguments).output().expect("mlflowc runs")
    };
    for arguments in [&["build", "--deny-warnings"][..], &["fmt", "--check"], &["plan"], &["graph"]] {
        let output = inside(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(project.path("first-steps/build/first_steps/train.pipeline.json").exists());
    let twice = project.run(&["new", "first-steps"]);
    assert!(twice.code == 2 && twice.err.contains("is not empty"), "{}", twice.err);
    for name in ["../out", "", "1st", "a b"] {
        assert_eq!(project.run(&["new", name]).code, 2, "{name}");
    }
}

#[test]
fn a_plan_shows_engine_steps_and_locations() {
    let project = Project::with(SOUND);
    let ran = project.run(&["plan"]);
    for words in
        ["project small in eu-west-1", "engine pipeline: ", "transform rows = processing", "makes train → s3://files/"]
    {
        assert!(ran.out.contains(words), "{words}: {}{}", ran.out, ran.err);
    }
    let json = project.run(&["plan", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(report["projects"][0]["workflows"][0]["steps"][0]["name"], "rows");
    project.write("main.mlflow", broken());
    let failed = project.run(&["plan"]);
    assert_eq!((failed.code, failed.out.as_str()), (1, ""));
}

#[test]
fn graphs_have_three_spellings() {
    let project = Project::with(SOUND);
    assert!(project.run(&["graph"]).out.starts_with("flowchart TD\n"));
    assert!(project.run(&["graph", "--format", "dot"]).out.starts_with("digraph mlflow {"));
    let json = project.run(&["graph", "--format", "json"]);
    let graph: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(graph["workflows"][0]["nodes"][0]["file"], "main.mlflow");
    assert_eq!(project.run(&["graph", "--workflow", "gone"]).code, 2);
}

#[test]
fn codes_are_listed_and_unknown_ones_refused() {
    let project = Project::empty();
    let list = project.run(&["explain"]);
    assert!(list.code == 0 && list.out.starts_with("E0101  error "), "{}", list.out);
    let wrong = project.run(&["explain", "E9999"]);
    assert!(wrong.code == 2 && wrong.err.contains("There is no code `E9999`"), "{}", wrong.err);
}

#[test]
fn completions_name_the_commands() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = project.run(&["completions", shell]);
        assert!(ran.code == 0 && ran.out.contains("explain"), "{shell}: {}", ran.err);
    }
}
