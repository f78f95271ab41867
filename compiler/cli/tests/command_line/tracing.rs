//! `trace`: from built documents and AWS errors to the sources.

use crate::project::{Project, SOUND};

fn built() -> Project {
    let project = Project::with(SOUND);
    let ran = project.run(&["build"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project
}

#[test]
fn paths_lines_and_errors_lead_to_the_source() {
    let project = built();
    let document = project.read("build/small/prepare.pipeline.json");
    let line = document.lines().position(|line| line.contains("\"InstanceType\"")).expect("it is there") + 1;
    let questions = [
        "Steps[0].Arguments.ProcessingResources.ClusterConfig.InstanceType".to_owned(),
        "/Steps/0/Arguments/ProcessingResources/ClusterConfig/InstanceType".to_owned(),
        "Steps.rows.Arguments.ProcessingResources.ClusterConfig.InstanceType".to_owned(),
        format!("prepare.pipeline.json:{line}"),
        format!("build/small/prepare.pipeline.json:{line}:5"),
        "1 validation error detected: Value 'ml.m5.xlarge' at 'processingResources.clusterConfig.instanceType' failed"
            .to_owned(),
        "Step rows: ResourceLimitExceeded for ml.m5.xlarge for processing job usage".to_owned(),
    ];
    for question in questions {
        let ran = project.run(&["trace", &question]);
        assert_eq!(ran.code, 0, "{question}: {}", ran.err);
        assert!(ran.out.starts_with("main.mlflow:11:16\n"), "{question}: {}", ran.out);
        let lines: Vec<&str> = ran.out.lines().collect();
        assert!(lines[1].ends_with("instance = \"ml.m5.xlarge\""), "{}", ran.out);
        assert_eq!(lines[1].find("\"ml.m5"), lines[2].find('^'), "{}", ran.out);
    }
}

#[test]
fn the_text_may_come_from_standard_input() {
    let project = built();
    let error = "An error occurred: step 'rows' failed at processingResources.clusterConfig.instanceCount";
    for arguments in [vec!["trace"], vec!["trace", "-"]] {
        let ran = project.run_with(&arguments, error);
        assert!(ran.out.contains("ProcessingResources.ClusterConfig.InstanceCount"), "{}{}", ran.out, ran.err);
    }
    let json = project.run(&["trace", "--format", "json", "Steps[0]"]);
    let places: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!((&places[0]["file"], &places[0]["line"]), (&"main.mlflow".into(), &9.into()));
}

#[test]
fn what_cannot_be_found_is_said() {
    let project = built();
    let nothing = project.run(&["trace", "Steps[7].Arguments"]);
    assert!(nothing.code == 2 && nothing.err.contains("answers to `Steps[7].Arguments`"), "{}", nothing.err);
    let unbuilt = project.run(&["trace", "--build-folder", "gone", "Steps[0]"]);
    assert!(unbuilt.code == 2 && unbuilt.err.contains("run `mlflowc build` first"), "{}", unbuilt.err);
    let silent = project.run_with(&["trace"], "");
    assert!(silent.code == 2 && silent.err.contains("nothing to look for"), "{}", silent.err);
    project.write("build/small/prepare.pipeline.json.map", "{}");
    let damaged = project.run(&["trace", "Steps[0]"]);
    assert!(damaged.code == 2 && damaged.err.contains("cannot be read"), "{}", damaged.err);
}
