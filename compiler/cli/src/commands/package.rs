//! `mlflowc package` and `mlflowc deploy`: the files that AWS is given, packed so that the same files give the same bytes, and
//! the two commands of the AWS command line that upload and deploy them.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flate2::{Compression, GzBuilder};
use mlflow_compiler::plan::{Asset, Plan};
use mlflow_compiler::targets::Upload;
use serde::Serialize;

use super::values::shown;
use super::{Outcome, compiled, write};
use crate::arguments::{Color, Deploy, Package};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::pretty;
use crate::terminal;

#[derive(Serialize)]
struct Manifest<'m> {
    bucket: String,
    files: Vec<Packed<'m>>,
}

#[derive(Serialize)]
struct Packed<'m> {
    key: &'m str,
    source: &'m str,
    sha256: &'m str,
    bytes: usize,
}

/// One project, packed.
struct Ready {
    project: String,
    bucket: Option<String>,
    region: Option<String>,
    files: usize,
}

pub(crate) fn package(arguments: &Package, color: Color) -> Result<Exit, Failure> {
    let outcome = compiled(&arguments.input)?;
    if outcome.report(&arguments.reporting, color, false)? {
        return Ok(Exit::Findings);
    }
    for ready in prepare(&outcome, &outcome.root.join(&arguments.output))? {
        let noun = if ready.files == 1 { "file" } else { "files" };
        terminal::say(&format!("Packed {}: {} {noun}. Upload and deploy it with", ready.project, ready.files));
        for command in commands(&ready, &arguments.output) {
            terminal::say(&format!("  {}", command.join(" ")));
        }
    }
    Ok(Exit::Clean)
}

pub(crate) fn deploy(arguments: &Deploy, color: Color) -> Result<Exit, Failure> {
    let outcome = compiled(&arguments.input)?;
    if outcome.report(&arguments.reporting, color, false)? {
        return Ok(Exit::Findings);
    }
    for ready in prepare(&outcome, &outcome.root.join(&arguments.output))? {
        for command in commands(&ready, &arguments.output) {
            terminal::say(&command.join(" "));
            let Some((program, rest)) = command.split_first() else { continue };
            let done = Command::new(program).args(rest).current_dir(&outcome.root).status();
            let status = done.map_err(|source| Failure::Command { command: command.join(" "), source })?;
            if !status.success() {
                explain(&ready, &outcome);
                return Ok(Exit::Findings);
            }
        }
    }
    Ok(Exit::Clean)
}

/// The two commands: upload what the stack reads, and deploy the stack.
fn commands(ready: &Ready, output: &Path) -> Vec<Vec<String>> {
    let folder = output.join(&ready.project);
    let mut list = Vec::new();
    let text = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<String>>();
    if let Some(bucket) = &ready.bucket
        && ready.files > 0
    {
        let from = folder.join("package").display().to_string();
        list.push(text(&["aws", "s3", "cp", "--recursive", &from, &format!("s3://{bucket}/")]));
    }
    let template = folder.join("template.json").display().to_string();
    let stack = ready.project.replace('_', "-");
    let mut deploy = text(&["aws", "cloudformation", "deploy", "--template-file", &template, "--stack-name", &stack]);
    deploy.extend(text(&["--capabilities", "CAPABILITY_IAM"]));
    if let Some(bucket) = &ready.bucket {
        deploy.extend(text(&["--s3-bucket", bucket, "--s3-prefix", &format!("{}/templates", ready.project)]));
    }
    if let Some(region) = &ready.region {
        deploy.extend(text(&["--region", region]));
    }
    list.push(deploy);
    list
}

/// Builds, and puts everything to upload under its key.
fn prepare(outcome: &Outcome, output: &Path) -> Result<Vec<Ready>, Failure> {
    write::write(output, &outcome.documents)?;
    let mut all = Vec::new();
    for plan in &outcome.compilation.plans {
        let template = format!("{}/template.json", plan.project);
        if !outcome.documents.iter().any(|document| document.path == template) {
            continue;
        }
        let folder = output.join(&*plan.project);
        let package = folder.join("package");
        if package.exists() {
            fs::remove_dir_all(&package).map_err(|error| Failure::write(&package, error))?;
        }
        let mut contents: Vec<(String, String, String, Vec<u8>)> = Vec::new();
        for asset in &plan.assets {
            contents.push((asset.key.clone(), asset.path.clone(), asset.sha256.clone(), packed(&outcome.root, asset)?));
        }
        for Upload { project, key, sha256, text, path } in &outcome.uploads {
            if *project == plan.project {
                contents.push((key.clone(), path.clone(), sha256.clone(), text.clone().into_bytes()));
            }
        }
        contents.sort();
        let bucket = bucket(plan);
        let files = contents
            .iter()
            .map(|(key, source, sha256, bytes)| Packed { key, source, sha256, bytes: bytes.len() })
            .collect();
        let manifest = Manifest { bucket: bucket.clone().unwrap_or_default(), files };
        for (key, _, _, bytes) in &contents {
            put(&package.join(key), bytes)?;
        }
        put(&folder.join("manifest.json"), pretty(&manifest).as_bytes())?;
        all.push(Ready {
            project: plan.project.to_string(),
            bucket,
            region: plan.region.as_ref().map(ToString::to_string),
            files: contents.len(),
        });
    }
    if all.is_empty() {
        return Err(Failure::NoWorkflow);
    }
    Ok(all)
}

fn bucket(plan: &Plan) -> Option<String> {
    let bucket = shown(None, plan.bucket.as_ref()?);
    (!bucket.contains("${")).then_some(bucket)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|error| Failure::write(folder, error))?;
    fs::write(path, bytes).map_err(|error| Failure::write(path, error))
}

/// The bytes of an asset: a file as it is, a folder as an archive that holds no time and no owner.
fn packed(root: &Path, asset: &Asset) -> Result<Vec<u8>, Failure> {
    let path = root.join(&asset.path);
    let read = |path: &Path| fs::read(path).map_err(|error| Failure::write(path, error));
    if asset.files.is_empty() {
        return read(&path);
    }
    let failed = |error| Failure::write(&path, error);
    let mut archive = tar::Builder::new(GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(6)));
    for name in &asset.files {
        let bytes = read(&path.join(name))?;
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, name, bytes.as_slice()).map_err(failed)?;
    }
    let mut compressed = archive.into_inner().map_err(failed)?;
    compressed.flush().map_err(failed)?;
    compressed.finish().map_err(failed)
}

/// Says which line the resource that failed came from.
fn explain(ready: &Ready, outcome: &Outcome) {
    let stack = ready.project.replace('_', "-");
    let mut command = Command::new("aws");
    command.args(["cloudformation", "describe-stack-events", "--stack-name", &stack, "--output", "json"]);
    if let Some(region) = &ready.region {
        command.args(["--region", region]);
    }
    let Ok(done) = command.output() else { return };
    let Ok(events) = serde_json::from_slice::<serde_json::Value>(&done.stdout) else { return };
    for line in failures(&events, outcome, &ready.project) {
        terminal::say(&line);
    }
}

/// The resources that failed first, with their reasons and lines.
fn failures(events: &serde_json::Value, outcome: &Outcome, project: &str) -> Vec<String> {
    let plan = outcome.compilation.plans.iter().find(|plan| plan.project == project);
    let events = events["StackEvents"].as_array().into_iter().flatten();
    let mut lines = Vec::new();
    for event in events {
        let (id, status) = (event["LogicalResourceId"].as_str(), event["ResourceStatus"].as_str());
        let (Some(id), Some(status)) = (id, status) else { continue };
        let reason = event["ResourceStatusReason"].as_str().unwrap_or_default();
        if !status.ends_with("_FAILED") || reason.contains("cancelled") {
            continue;
        }
        let deployment = plan.map(|plan| &plan.deployment);
        let span = deployment.and_then(|deployment| {
            let resource = deployment.resources.iter().find(|resource| resource.id == id).map(|resource| resource.span);
            resource.or_else(|| deployment.role(id).map(|role| role.span))
        });
        let place = span.and_then(|span| crate::output::Region::of(&outcome.compilation.sources, span));
        let place =
            place.map_or_else(String::new, |place| format!(" ({}:{}:{})", place.file, place.line, place.column));
        lines.push(format!("{id}{place}: {reason}"));
    }
    lines
}
