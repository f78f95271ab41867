//! Keeps the order of the wire. The transport starts handlers one after another and lets them run in any order; so what
//! depends on order is done here, before a handler starts: texts are changed, and each request takes the state of its
//! arrival with it. It also ends the process on `exit` and turns a panic into an error reply.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use tower::Service;
use tower_lsp::jsonrpc::{Error, Request, Response};

use crate::world::{Snapshot, World};

tokio::task_local! {
    static SNAPSHOT: Arc<Snapshot>;
}

/// Within a handler: the state as it was when its message arrived.
pub(crate) fn snapshot() -> Arc<Snapshot> {
    SNAPSHOT.try_with(Arc::clone).unwrap_or_default()
}

pub(crate) struct Gate<S> {
    inner: S,
    world: Arc<Mutex<World>>,
    wake: mpsc::Sender<()>,
    is_initialized: Arc<AtomicBool>,
    is_shut_down: bool,
    exits: bool,
}

impl<S> Gate<S> {
    pub(crate) fn new(inner: S, world: Arc<Mutex<World>>, wake: mpsc::Sender<()>, exits: bool) -> Gate<S> {
        Gate { inner, world, wake, is_initialized: Arc::default(), is_shut_down: false, exits }
    }
}

impl<S> Service<Request> for Gate<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Option<Response>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match request.method() {
            method @ ("textDocument/didOpen" | "textDocument/didChange" | "textDocument/didClose") => {
                if self.is_initialized.load(Ordering::Acquire) && !self.is_shut_down {
                    let params = request.params().cloned().unwrap_or_default();
                    let changed = self.world.lock().is_ok_and(|mut world| world.apply(method, params));
                    if changed {
                        let _ = self.wake.send(());
                    }
                }
                return async { Ok(None) }.boxed();
            }
            "shutdown" => self.is_shut_down = true,
            // The transport goes on reading, and the protocol wants to hear whether `shutdown` came first.
            "exit" if self.exits => std::process::exit(i32::from(!self.is_shut_down)),
            _ => {}
        }
        let is_initialize = request.method() == "initialize";
        let initialized = self.is_initialized.clone();
        let id = request.id().cloned();
        let snapshot = self.world.lock().map(|world| world.snapshot()).unwrap_or_default();
        let answer = self.inner.call(request);
        SNAPSHOT
            .scope(snapshot, async move {
                match AssertUnwindSafe(answer).catch_unwind().await {
                    Ok(result) => {
                        if is_initialize {
                            initialized.store(true, Ordering::Release);
                        }
                        result
                    }
                    Err(_) => Ok(id.map(|id| Response::from_error(id, panicked()))),
                }
            })
            .boxed()
    }
}

pub(crate) fn panicked() -> Error {
    let mut error = Error::internal_error();
    error.message = "the server failed at this request; please report it".into();
    error
}
