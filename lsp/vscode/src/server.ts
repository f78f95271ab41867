// Starts `mlflow-lsp`, keeps it, and tells others when it is there.

import vscode from 'vscode';
import {
  LanguageClient,
  RevealOutputChannelOn,
  SemanticTokensRequest,
  State,
  type LanguageClientOptions,
  type Middleware,
  type ServerOptions,
  type StaticFeature,
  vsdiag,
} from 'vscode-languageclient/node';
import { complain, locate } from './locate';
import { STATUS, type StatusParameters } from './protocol';
import { onlyNames } from './semanticTokens';

export const LANGUAGE = 'mlflow';
/** Files of the standard library. */
export const STANDARD_LIBRARY_SCHEME = 'mlflow-std';

export type ServerState = { kind: 'missing'; reason: string } | { kind: 'stopped' } | { kind: 'starting' } | { kind: 'running' };

/** Tells the server that findings are not asked for, so that it sends them. */
const WITHOUT_ASKING: StaticFeature = {
  fillClientCapabilities: ({ textDocument, workspace }) => {
    delete textDocument?.diagnostic;
    delete workspace?.diagnostics;
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private readonly output = vscode.window.createOutputChannel('mlflow', { log: true });
  private readonly stateChanged = new vscode.EventEmitter<ServerState>();
  private readonly statusChanged = new vscode.EventEmitter<StatusParameters>();
  private current: ServerState = { kind: 'stopped' };
  /** Starts and stops come one after the other. */
  private last: Promise<void> = Promise.resolve();

  readonly onState = this.stateChanged.event;
  readonly onStatus = this.statusChanged.event;

  constructor(private readonly context: vscode.ExtensionContext) {}

  get state(): ServerState {
    return this.current;
  }

  start(): Promise<void> {
    return this.queue(() => this.startNow());
  }

  restart(): Promise<void> {
    return this.queue(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  showOutput(): void {
    this.output.show();
  }

  /** A request of this extension's own; `undefined` where no server runs or it has no answer. */
  async ask<Reply>(method: string, parameters: unknown, token?: vscode.CancellationToken): Promise<Reply | undefined> {
    const client = this.client;
    if (!client || client.state !== State.Running) return undefined;
    // A token that is not there would be sent along as a second parameter.
    const reply = await (token ? client.sendRequest<Reply | null>(method, parameters, token) : client.sendRequest<Reply | null>(method, parameters));
    return reply ?? undefined;
  }

  async dispose(): Promise<void> {
    await this.queue(() => this.stopNow());
    this.output.dispose();
  }

  private queue(work: () => Promise<void>): Promise<void> {
    this.last = this.last.then(work, work);
    return this.last;
  }

  private async startNow(): Promise<void> {
    const program = locate(this.context, 'mlflow-lsp');
    if ('missing' in program) {
      this.output.error(program.missing);
      this.become({ kind: 'missing', reason: program.missing });
      // Nobody waits for the answer to a message.
      void complain('mlflow-lsp', program.missing);
      return;
    }
    this.become({ kind: 'starting' });
    this.output.info(`starting ${program.path}`);
    const run = { command: program.path, options: { env: { ...process.env, RUST_BACKTRACE: '1' } } };
    const serverOptions: ServerOptions = { run, debug: run };
    const clientOptions: LanguageClientOptions = {
      documentSelector: [
        { language: LANGUAGE, scheme: 'file' },
        { language: LANGUAGE, scheme: 'untitled' },
        { language: LANGUAGE, scheme: STANDARD_LIBRARY_SCHEME },
      ],
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      synchronize: { configurationSection: 'mlflow' },
      initializationOptions: vscode.workspace.getConfiguration('mlflow'),
      markdown: { isTrusted: false, supportHtml: false },
      middleware: this.middleware(() => client),
    };
    const client = new LanguageClient('mlflow', 'mlflow', serverOptions, clientOptions);
    this.client = client;
    client.registerFeature(WITHOUT_ASKING);
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Running) this.become({ kind: 'running' });
      else if (newState === State.Starting) this.become({ kind: 'starting' });
      else this.become({ kind: 'stopped' });
    });
    client.onNotification(STATUS, (status: StatusParameters) => this.statusChanged.fire(status));
    try {
      await client.start();
    } catch (failure) {
      this.output.error(`the server did not start: ${String(failure)}`);
      this.become({ kind: 'stopped' });
      void vscode.window.showErrorMessage(`The language server ${program.path} did not start. The output channel "mlflow" says more.`);
    }
  }

  private middleware(client: () => LanguageClient): Middleware {
    const names = (tokens: vscode.SemanticTokens | null | undefined): vscode.SemanticTokens | undefined => {
      const types = client().initializeResult?.capabilities.semanticTokensProvider?.legend.tokenTypes ?? [];
      return tokens ? new vscode.SemanticTokens(onlyNames(tokens.data, types)) : undefined;
    };
    return {
      // Findings are sent as they are found; who is also asked for them would be heard twice.
      provideDiagnostics: async () => ({ kind: vsdiag.DocumentDiagnosticReportKind.full, items: [] }),
      provideWorkspaceDiagnostics: async () => ({ items: [] }),
      provideDocumentSemanticTokens: async (document, token, next) => names(await next(document, token)),
      // Changes against what was sent mean nothing where part of that was taken out.
      provideDocumentSemanticTokensEdits: async (document, _before, token) => {
        const reply = await client().sendRequest(SemanticTokensRequest.type, { textDocument: { uri: document.uri.toString() } }, token);
        return names(reply && new vscode.SemanticTokens(Uint32Array.from(reply.data)));
      },
      provideDocumentRangeSemanticTokens: async (document, range, token, next) => names(await next(document, range, token)),
    };
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    try {
      await client.dispose();
    } catch (failure) {
      // It may be gone already.
      this.output.warn(`the server did not stop in order: ${String(failure)}`);
    }
    this.become({ kind: 'stopped' });
  }

  private become(state: ServerState): void {
    this.current = state;
    this.stateChanged.fire(state);
  }
}
