//! The requests of the protocol, each handed to its handler on a thread where it may compute, with the state of its
//! arrival.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::request::{
    GotoDeclarationParams, GotoDeclarationResponse, GotoImplementationParams, GotoImplementationResponse,
    GotoTypeDefinitionParams, GotoTypeDefinitionResponse,
};
use tower_lsp::lsp_types::*;
use tower_lsp::{Client, LanguageServer};

use crate::convert::Encoding;
use crate::gate::{panicked, snapshot};
use crate::handlers::navigation::Goto;
use crate::handlers::{actions, completion, diagnostics, editing, generated, navigation, reading, structure};
use crate::legend;
use crate::world::{Snapshot, World};

pub(crate) struct Backend {
    client: Client,
    world: Arc<Mutex<World>>,
    wake: mpsc::Sender<()>,
    takes_links: AtomicBool,
    asks_configuration: AtomicBool,
    watches: AtomicBool,
    shows_progress: AtomicBool,
    /// The semantic tokens that were sent last.
    sent: Arc<Mutex<reading::Sent>>,
}

/// Runs a handler where it may compute. A panic is an error reply, not the end.
async fn ask<T: Send + 'static>(work: impl FnOnce(&Snapshot) -> T + Send + 'static) -> Result<T> {
    let snapshot = snapshot();
    tokio::task::spawn_blocking(move || work(&snapshot)).await.map_err(|_| panicked())
}

impl Backend {
    pub(crate) fn new(client: Client, world: Arc<Mutex<World>>, wake: mpsc::Sender<()>) -> Backend {
        Backend {
            client,
            world,
            wake,
            takes_links: AtomicBool::new(false),
            asks_configuration: AtomicBool::new(false),
            watches: AtomicBool::new(false),
            shows_progress: AtomicBool::new(false),
            sent: Arc::default(),
        }
    }

    /// Changes the world outside the order of edits, away from the task that reads the stream. Gives whether it did.
    async fn alter(&self, work: impl FnOnce(&mut World) + Send + 'static) -> bool {
        let world = self.world.clone();
        let changed = tokio::task::spawn_blocking(move || {
            if let Ok(mut world) = world.lock() {
                work(&mut world);
            }
        });
        changed.await.is_ok()
    }

    /// Changes the world, and has the findings that follow published.
    async fn change(&self, work: impl FnOnce(&mut World) + Send + 'static) {
        if self.alter(work).await {
            let _ = self.wake.send(());
        }
    }

    async fn read_configuration(&self) {
        if !self.asks_configuration.load(Ordering::Relaxed) {
            return;
        }
        let item = ConfigurationItem { scope_uri: None, section: Some("mlflow".to_owned()) };
        if let Ok(mut values) = self.client.configuration(vec![item]).await
            && let Some(settings) = values.pop()
        {
            self.change(move |world| world.configure(&settings)).await;
        }
    }

    pub(crate) async fn graph(&self, params: generated::DocumentParams) -> Result<generated::Graph> {
        ask(move |snapshot| generated::graph(snapshot, &params)).await
    }

    pub(crate) async fn generated(&self, params: generated::DocumentParams) -> Result<generated::GeneratedFiles> {
        ask(move |snapshot| generated::generated(snapshot, &params)).await
    }

    pub(crate) async fn go_to_generated(
        &self,
        params: generated::GeneratedParams,
    ) -> Result<Option<generated::GeneratedPlace>> {
        ask(move |snapshot| generated::go_to_generated(snapshot, &params)).await
    }

    pub(crate) async fn go_to_source(&self, params: generated::SourceParams) -> Result<Option<Location>> {
        ask(move |snapshot| generated::go_to_source(snapshot, &params)).await
    }

    pub(crate) async fn standard_library(
        &self,
        params: generated::LibraryParams,
    ) -> Result<Option<generated::LibraryText>> {
        ask(move |_| generated::standard_library(&params)).await
    }

    async fn goto(&self, params: GotoDefinitionParams, what: Goto) -> Result<Option<GotoDefinitionResponse>> {
        let takes_links = self.takes_links.load(Ordering::Relaxed);
        ask(move |snapshot| navigation::goto(snapshot, &params, what, takes_links)).await
    }
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sources = FileOperationRegistrationOptions {
        filters: vec![FileOperationFilter {
            scheme: Some("file".into()),
            pattern: FileOperationPattern { glob: "**/*".into(), matches: None, options: None },
        }],
    };
    ServerCapabilities {
        position_encoding: Some(encoding.name()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            resolve_provider: Some(true),
            trigger_characters: Some([".", "\"", "=", " ", "/", "<", "(", "{"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(vec!["(".into(), ",".into()]),
            retrigger_characters: None,
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        definition_provider: Some(OneOf::Left(true)),
        declaration_provider: Some(DeclarationCapability::Simple(true)),
        type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
        implementation_provider: Some(ImplementationProviderCapability::Simple(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                CodeActionKind::REFACTOR_EXTRACT,
                CodeActionKind::REFACTOR_INLINE,
                CodeActionKind::REFACTOR_REWRITE,
                CodeActionKind::SOURCE_FIX_ALL,
                CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
            ]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "}".into(),
            more_trigger_character: Some(vec!["\n".into()]),
        }),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
        linked_editing_range_provider: Some(LinkedEditingRangeServerCapabilities::Simple(true)),
        call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: legend::legend(),
                range: Some(true),
                full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            },
        )),
        inlay_hint_provider: Some(OneOf::Left(true)),
        diagnostic_provider: Some(DiagnosticServerCapabilities::Options(DiagnosticOptions {
            identifier: Some("mlflow".into()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: Some(WorkspaceFileOperationsServerCapabilities {
                will_rename: Some(sources),
                ..WorkspaceFileOperationsServerCapabilities::default()
            }),
        }),
        ..ServerCapabilities::default()
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let general = params.capabilities.general.as_ref();
        let encoding = Encoding::choose(general.and_then(|general| general.position_encodings.as_deref()));
        let text = params.capabilities.text_document.as_ref();
        let links = text.and_then(|text| text.definition.as_ref()).and_then(|definition| definition.link_support);
        self.takes_links.store(links.unwrap_or(false), Ordering::Relaxed);
        let workspace = params.capabilities.workspace.as_ref();
        let configuration = workspace.and_then(|workspace| workspace.configuration).unwrap_or(false);
        self.asks_configuration.store(configuration, Ordering::Relaxed);
        let watches = workspace.and_then(|workspace| workspace.did_change_watched_files);
        self.watches
            .store(watches.and_then(|watches| watches.dynamic_registration).unwrap_or(false), Ordering::Relaxed);
        let progress = params.capabilities.window.as_ref().and_then(|window| window.work_done_progress);
        self.shows_progress.store(progress.unwrap_or(false), Ordering::Relaxed);
        let root = params.root_uri;
        let folders: Vec<Url> = match params.workspace_folders {
            Some(folders) => folders.into_iter().map(|folder| folder.uri).collect(),
            None => root.into_iter().collect(),
        };
        let options = params.initialization_options;
        // Nothing is published yet: what is sent before the client has its answer is dropped, and would count as sent.
        self.alter(move |world| {
            world.encoding = encoding;
            for folder in folders.iter().filter_map(|folder| folder.to_file_path().ok()) {
                world.add_folder(folder);
            }
            if let Some(options) = options {
                world.configure(&options);
            }
        })
        .await;
        Ok(InitializeResult {
            capabilities: capabilities(encoding),
            server_info: Some(ServerInfo {
                name: "mlflow-lsp".into(),
                version: Some(env!("CARGO_PKG_VERSION").into()),
            }),
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        let _ = self.wake.send(());
        if self.shows_progress.load(Ordering::Relaxed) {
            self.show_start().await;
        }
        if self.watches.load(Ordering::Relaxed) {
            let watchers = serde_json::json!({ "watchers": [{ "globPattern": "**/*" }] });
            let registration = Registration {
                id: "watched-files".into(),
                method: "workspace/didChangeWatchedFiles".into(),
                register_options: Some(watchers),
            };
            let _ = self.client.register_capability(vec![registration]).await;
        }
        self.read_configuration().await;
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        match params.settings.get("mlflow").cloned() {
            Some(settings) => self.change(move |world| world.configure(&settings)).await,
            None => self.read_configuration().await,
        }
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let urls: Vec<Url> = params.changes.into_iter().map(|change| change.uri).collect();
        self.change(move |world| world.disk_changed(&urls)).await;
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        self.change(move |world| {
            for folder in params.event.removed.iter().filter_map(|folder| folder.uri.to_file_path().ok()) {
                world.remove_folder(&folder);
            }
            for folder in params.event.added.iter().filter_map(|folder| folder.uri.to_file_path().ok()) {
                world.add_folder(folder);
            }
        })
        .await;
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {}

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        ask(move |snapshot| completion::completion(snapshot, params)).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        ask(move |snapshot| completion::resolve(snapshot, item)).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        ask(move |snapshot| reading::hover(snapshot, params)).await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        ask(move |snapshot| completion::signature(snapshot, params)).await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.goto(params, Goto::Definition).await
    }

    async fn goto_declaration(&self, params: GotoDeclarationParams) -> Result<Option<GotoDeclarationResponse>> {
        self.goto(params, Goto::Declaration).await
    }

    async fn goto_type_definition(
        &self,
        params: GotoTypeDefinitionParams,
    ) -> Result<Option<GotoTypeDefinitionResponse>> {
        self.goto(params, Goto::TypeDefinition).await
    }

    async fn goto_implementation(
        &self,
        params: GotoImplementationParams,
    ) -> Result<Option<GotoImplementationResponse>> {
        self.goto(params, Goto::Implementation).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        ask(move |snapshot| navigation::references(snapshot, &params)).await
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        ask(move |snapshot| navigation::highlights(snapshot, &params)).await
    }

    async fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        ask(move |snapshot| navigation::prepare_rename(snapshot, &params)).await?
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        ask(move |snapshot| navigation::rename(snapshot, &params)).await?
    }

    async fn will_rename_files(&self, params: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        ask(move |snapshot| navigation::rename_files(snapshot, &params)).await
    }

    async fn linked_editing_range(&self, params: LinkedEditingRangeParams) -> Result<Option<LinkedEditingRanges>> {
        ask(move |snapshot| navigation::linked(snapshot, &params)).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<Vec<SymbolInformation>>> {
        ask(move |snapshot| Some(navigation::workspace_symbols(snapshot, &params.query))).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        ask(move |snapshot| navigation::prepare_calls(snapshot, &params)).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        ask(move |snapshot| navigation::incoming(snapshot, &params.item)).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        ask(move |snapshot| navigation::outgoing(snapshot, &params.item)).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        ask(move |snapshot| structure::symbols(snapshot, &params)).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        ask(move |snapshot| structure::folds(snapshot, &params)).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        ask(move |snapshot| structure::selections(snapshot, &params)).await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        ask(move |snapshot| structure::links(snapshot, &params)).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        ask(move |snapshot| structure::lenses(snapshot, &params)).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        ask(move |snapshot| actions::actions(snapshot, &params)).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        ask(move |snapshot| editing::format(snapshot, &params)).await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        ask(move |snapshot| editing::format_range(snapshot, &params)).await
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        ask(move |snapshot| editing::format_typed(snapshot, &params)).await
    }

    async fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
        let sent = self.sent.clone();
        ask(move |snapshot| {
            let tokens = reading::tokens(snapshot, &params)?;
            if let Ok(mut sent) = sent.lock() {
                sent.insert(params.text_document.uri, tokens.clone());
            }
            Some(SemanticTokensResult::Tokens(tokens))
        })
        .await
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let sent = self.sent.clone();
        ask(move |snapshot| {
            let before = sent.lock().map(|sent| sent.clone()).unwrap_or_default();
            let (now, answer) = reading::tokens_since(snapshot, &params, &before)?;
            if let Ok(mut sent) = sent.lock() {
                sent.insert(params.text_document.uri, now);
            }
            Some(answer)
        })
        .await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        ask(move |snapshot| reading::tokens_in(snapshot, &params).map(SemanticTokensRangeResult::Tokens)).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        ask(move |snapshot| reading::inlays(snapshot, &params)).await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        ask(move |snapshot| diagnostics::pull(snapshot, params)).await
    }

    async fn workspace_diagnostic(&self, _: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReportResult> {
        ask(diagnostics::pull_all).await
    }
}

impl Backend {
    /// Shows that the workspace is being read, for as long as it is.
    async fn show_start(&self) {
        use tower_lsp::lsp_types::notification::Progress;
        use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
        let token = NumberOrString::String("mlflow/start".into());
        let create = WorkDoneProgressCreateParams { token: token.clone() };
        if self.client.send_request::<WorkDoneProgressCreate>(create).await.is_err() {
            return;
        }
        let step = |value| ProgressParams { token: token.clone(), value: ProgressParamsValue::WorkDone(value) };
        let begin = WorkDoneProgressBegin { title: "Reading .mlflow files".into(), ..WorkDoneProgressBegin::default() };
        self.client.send_notification::<Progress>(step(WorkDoneProgress::Begin(begin))).await;
        let _ = ask(|snapshot| {
            for root in &snapshot.roots {
                root.analysis();
            }
        })
        .await;
        let end = WorkDoneProgressEnd { message: None };
        self.client.send_notification::<Progress>(step(WorkDoneProgress::End(end))).await;
    }
}
