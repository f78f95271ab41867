//! `check`: exit codes, formats, paths.

use serde_json::Value;

use crate::project::{Project, SOUND, broken};

#[test]
fn exit_codes_tell_findings_from_failures() {
    let project = Project::with(SOUND);
    let clean = project.run(&["check"]);
    assert_eq!((clean.code, clean.out.as_str(), clean.err.as_str()), (0, "", "No problems in 1 file\n"));
    project.write("main.mlflow", broken());
    assert_eq!(project.run(&["check"]).code, 1);
    assert_eq!(project.run(&["check", "nothing.mlflow"]).code, 2);
    assert_eq!(project.run(&["check", "--nonsense"]).code, 2);
    assert_eq!(project.run(&["--version"]).code, 0);
    assert_eq!(project.run(&["check", "--help"]).code, 0);
}

#[test]
fn people_see_the_source_and_a_summary() {
    let ran = Project::with(&broken()).run(&["check"]);
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("error[E"), "{}", ran.err);
    assert!(ran.err.contains("─ main.mlflow:12:5"), "{}", ran.err);
    assert!(ran.err.contains("= fix: Change to `script`: `script   = \"prepare.py\"`"), "{}", ran.err);
    assert!(ran.err.ends_with("1 error in 1 file\n"), "{}", ran.err);
    assert!(!ran.err.contains('\x1b'), "no colours where there is no terminal");
}

#[test]
fn colours_can_be_asked_for() {
    let project = Project::with(&broken());
    assert!(project.run(&["check", "--color", "always"]).err.contains("\x1b["));
    let refused = project.command().args(["check"]).env("NO_COLOR", "1").output().expect("mlflowc runs");
    assert!(!refused.stderr.contains(&0x1b));
}

#[test]
fn json_counts_from_one_and_in_characters() {
    let project = Project::with(&broken().replace("skript ", "arguments = [\"ä𝄞\"], skript "));
    let ran = project.run(&["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let finding = &report["diagnostics"][0];
    assert_eq!(finding["severity"], "error");
    assert_eq!(
        (&finding["file"], &finding["line"], &finding["column"]),
        (&"main.mlflow".into(), &12.into(), &25.into())
    );
    assert_eq!(finding["end"]["column"], 31);
    assert_eq!(finding["fix"]["edits"][0]["text"], "script");
    assert_eq!(report["summary"]["errors"], 1);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
}

#[test]
fn sarif_has_rules_results_and_fixes() {
    let ran = Project::with(&broken()).run(&["check", "--format", "sarif"]);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    let result = &run["results"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], result["ruleId"]);
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&12.into(), &5.into(), &11.into())
    );
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "main.mlflow");
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "script");
}

#[test]
fn github_commands_are_one_line_each() {
    let ran = Project::with(&broken()).run(&["check", "--format", "github"]);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert!(
        ran.out.starts_with("::error file=main.mlflow,line=12,endLine=12,col=5,endColumn=10,title=E"),
        "{}",
        ran.out
    );
}

#[test]
fn folders_and_patterns_find_files_and_leave_out_what_programs_make() {
    let project = Project::empty();
    for name in ["a.mlflow", "teams/b.mlflow", "teams/deep/c.mlflow", "teams/notes.txt"] {
        project.write(name, "schema S_NAME { x: int }\n".replace("NAME", &name.replace(['/', '.'], "_")));
    }
    for name in ["build/x.mlflow", "target/x.mlflow", "node_modules/p/x.mlflow", ".hidden/x.mlflow", ".x.mlflow"] {
        project.write(name, "this is no declaration");
    }
    let files = |arguments: &[&str]| {
        let ran = project.run(&[&["check", "--format", "json"], arguments].concat());
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
        report["summary"]["files"].as_u64().expect("a number")
    };
    assert_eq!(files(&[]), 3);
    assert_eq!(files(&["teams"]), 2);
    assert_eq!(files(&["teams/*.mlflow"]), 1);
    assert_eq!(files(&["**/*.mlflow"]), 3);
    assert_eq!(files(&["teams/{b,deep/c}.mlflow", "a.mlflow"]), 3);
    assert_eq!(files(&["./teams/../a.mlflow", "a.mlflow", project.path("a.mlflow").to_str().expect("UTF-8")]), 1);
    for (arguments, words) in [
        (vec!["check", "x*.mlflow"], "fits no .mlflow file"),
        (vec!["check", "teams/notes.txt"], "is not a .mlflow file"),
        (vec!["check", "gone"], "does not exist"),
        (vec!["check", "a[.mlflow"], "cannot be read"),
    ] {
        let ran = project.run(&arguments);
        assert!(ran.code == 2 && ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
    let empty = Project::empty().run(&["check"]);
    assert!(empty.code == 2 && empty.err.contains("no .mlflow file in the current folder"), "{}", empty.err);
}

#[test]
fn a_file_that_is_not_utf8_is_a_finding_with_its_name() {
    let project = Project::with(SOUND);
    project.write("latin.mlflow", b"// caf\xe9\n");
    let ran = project.run(&["check"]);
    assert!(ran.code == 1 && ran.err.contains("`latin.mlflow` is not UTF-8"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_is_a_failure() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::with(SOUND);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.mlflow");
    std::fs::write(project.root().join(name), SOUND).expect("a file can be written");
    let ran = project.run(&["check"]);
    assert!(ran.code == 2 && ran.err.contains("is not valid UTF-8"), "{}", ran.err);
}

#[test]
fn values_come_from_the_command_line_and_from_files() {
    let source = SOUND.replace("bucket = \"files\"", "bucket = \"files-${size}\"");
    let project = Project::with(&source);
    project.write("values.toml", "size = \"from-toml\"\n");
    project.write("values.json", "{\"size\": \"from-json\"}");
    project.write("values.yaml", "# for production\nsize: from-yaml\n");
    let bucket = |arguments: &[&str]| {
        let ran = project.run(&[&["build", "--stdout"], arguments].concat());
        let at = ran.out.find("s3://files-").unwrap_or_else(|| panic!("{}", ran.err)) + "s3://files-".len();
        ran.out[at..].split('/').next().unwrap_or_default().to_owned()
    };
    assert_eq!(bucket(&[]), "ml.m5.xlarge");
    assert_eq!(bucket(&["--set", "size=a=b".replace("a=b", "by-hand").as_str()]), "by-hand");
    assert_eq!(bucket(&["--values", "values.toml"]), "from-toml");
    assert_eq!(bucket(&["--values", "values.toml", "--values", "values.json"]), "from-json");
    assert_eq!(bucket(&["--values", "values.json", "--values", "values.yaml"]), "from-yaml");
    assert_eq!(bucket(&["--set", "size=by-hand", "--values", "values.json"]), "by-hand");
    project.write("bad.toml", "size = \n");
    project.write("list.json", "[1]");
    project.write("values.ini", "size: x");
    project.write("bad.yaml", "size: [x\n");
    for (arguments, words) in [
        (["--values", "bad.toml"], "at line 1"),
        (["--values", "list.json"], "it holds no names"),
        (["--values", "bad.yaml"], "line"),
        (["--values", "values.ini"], "neither in .toml nor in .json nor in .yaml"),
        (["--values", "gone.toml"], "cannot be read"),
        (["--set", "size"], "sets nothing"),
        (["--facts", "list.json"], "is not a file of facts"),
    ] {
        let ran = project.run(&[&["check"][..], &arguments].concat());
        assert!(ran.code == 2 && ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}
