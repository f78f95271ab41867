//! The language server: protocol only. Every handler converts places and calls `mlflow_compiler::ide`; what is true of a
//! file is decided there. It must not know the language.

mod convert;
mod gate;
mod handlers;
mod legend;
mod publisher;
mod server;
mod view;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, mpsc};

use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp::{LspService, Server};

use gate::Gate;
use server::Backend;
use world::World;

/// So many requests may be open at once. Each runs on a thread of its own kind, so a slow one holds up no other.
const OPEN_REQUESTS: usize = 64;

/// Serves one client; ends when its stream does. `exit` ends the process where `exits` says so.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite, exits: bool) {
    let world = Arc::new(Mutex::new(World::default()));
    let (wake, woken) = mpsc::channel();
    let (service, socket) = {
        let (world, wake) = (world.clone(), wake.clone());
        LspService::build(move |client| {
            publisher::start(client.clone(), world.clone(), woken);
            Backend::new(client, world, wake)
        })
        .custom_method("mlflow/graph", Backend::graph)
        .custom_method("mlflow/generated", Backend::generated)
        .custom_method("mlflow/goToGenerated", Backend::go_to_generated)
        .custom_method("mlflow/goToSource", Backend::go_to_source)
        .custom_method("mlflow/standardLibrary", Backend::standard_library)
        .finish()
    };
    let gate = Gate::new(service, world, wake, exits);
    Server::new(input, output, socket).concurrency_level(OPEN_REQUESTS).serve(gate).await;
}

/// Serves standard input and output until either ends.
pub fn serve_standard_io() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("mlflow-lsp cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), true));
    // The stream ended without `exit`.
    runtime.shutdown_background();
    ExitCode::FAILURE
}
