//! `package` and `plan --permissions`: what is uploaded, and who may do what.

use std::fs;

use crate::project::{Project, SOUND};

#[test]
fn the_same_files_are_packed_to_the_same_bytes() {
    let packed = || {
        let source = SOUND.replace("script   = \"prepare.py\"", "script   = \"src\"\n    entry    = \"prepare.py\"");
        let project = Project::with(&source);
        fs::create_dir(project.path("src")).expect("a folder");
        project.write("src/prepare.py", "print('rows')\n");
        project.write("src/more.py", "ROWS = 5\n");
        let ran = project.run(&["package"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains("aws s3 cp --recursive build/small/package s3://files/"), "{}", ran.err);
        assert!(ran.err.contains("aws cloudformation deploy --template-file build/small/template.json"), "{}", ran.err);
        let manifest: serde_json::Value =
            serde_json::from_str(&project.read("build/small/manifest.json")).expect("a manifest");
        let key = manifest["files"][0]["key"].as_str().expect("a key").to_owned();
        fs::read(project.path(&format!("build/small/package/{key}"))).expect("the archive")
    };
    let first = packed();
    assert!(first.len() > 100);
    assert_eq!(first, packed());
}

#[test]
fn permissions_name_the_lines_that_ask_for_them() {
    let project = Project::with(SOUND);
    let ran = project.run(&["plan", "--permissions"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("PreparePipelineRole of the workflow prepare"), "{}", ran.out);
    assert!(ran.out.contains("sagemaker:CreateProcessingJob"), "{}", ran.out);
    assert!(ran.out.contains("for main.mlflow:9:13"), "{}", ran.out);
}
