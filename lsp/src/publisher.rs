//! The thread that analyzes after each change and tells the client what is wrong, for the newest state only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

use mlflow_compiler::diagnostics::Severity;
use mlflow_compiler::ide::Finding;
use serde::{Deserialize, Serialize};
use tower_lsp::Client;
use tower_lsp::lsp_types::Url;
use tower_lsp::lsp_types::notification::Notification;

use crate::handlers::diagnostics;
use crate::world::{Scheme, World};

/// How the workspace stands, for a status bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StatusParams {
    state: String,
    errors: usize,
    warnings: usize,
}

pub(crate) enum Status {}

impl Notification for Status {
    type Params = StatusParams;
    const METHOD: &'static str = "mlflow/status";
}

type Published = BTreeMap<Url, (Option<i32>, Arc<Vec<Finding>>)>;

pub(crate) fn start(client: Client, world: Arc<Mutex<World>>, woken: mpsc::Receiver<()>) {
    let runtime = tokio::runtime::Handle::current();
    // It ends with the channel, when the server does.
    std::thread::spawn(move || {
        let mut published = Published::new();
        let mut last = None;
        while woken.recv().is_ok() {
            while woken.try_recv().is_ok() {}
            let round = std::panic::AssertUnwindSafe(|| publish(&client, &runtime, &world, &mut published, &mut last));
            // A failure is one lost round; the next change tries again.
            let _ = std::panic::catch_unwind(round);
        }
    });
}

fn publish(
    client: &Client,
    runtime: &tokio::runtime::Handle,
    world: &Mutex<World>,
    published: &mut Published,
    last: &mut Option<StatusParams>,
) {
    let Ok(snapshot) = world.lock().map(|world| world.snapshot()) else { return };
    let mut now = Published::new();
    let (mut errors, mut warnings) = (0, 0);
    let mut analyses = Vec::new();
    for root in &snapshot.roots {
        if root.scheme == Scheme::Library {
            continue;
        }
        let analysis = root.analysis();
        for (path, document) in &analysis.documents {
            let findings = analysis.findings(path);
            errors += findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            warnings += findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
            let Some(url) = root.url(&document.path) else { continue };
            let version = snapshot.versions.get(&url).copied();
            if !findings.is_empty() || version.is_some() || published.contains_key(&url) {
                now.insert(url, (version, findings));
            }
        }
        analyses.push((root.clone(), analysis));
    }
    // What was superseded meanwhile is not worth showing: the next round is on its way.
    if world.lock().map_or(true, |world| world.sequence() != snapshot.sequence) {
        return;
    }
    for (root, analysis) in &analyses {
        for path in analysis.documents.keys() {
            let Some(url) = root.url(path) else { continue };
            let Some((version, findings)) = now.get(&url) else { continue };
            let before = published.get(&url);
            if before.is_some_and(|(old, list)| old == version && (Arc::ptr_eq(list, findings) || list == findings)) {
                continue;
            }
            let list = diagnostics::convert(root, analysis, path, findings, snapshot.encoding);
            runtime.block_on(client.publish_diagnostics(url, list, *version));
        }
    }
    let gone: Vec<Url> = published.keys().filter(|url| !now.contains_key(*url)).cloned().collect();
    for url in gone {
        runtime.block_on(client.publish_diagnostics(url, Vec::new(), None));
    }
    now.retain(|_, (version, findings)| version.is_some() || !findings.is_empty());
    *published = now;
    let status = StatusParams { state: "ready".to_owned(), errors, warnings };
    if last.as_ref() != Some(&status) {
        *last = Some(status.clone());
        runtime.block_on(client.send_notification::<Status>(status));
    }
}
