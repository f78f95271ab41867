// The graph beside the editor: asks the server, follows edits and the cursor, and leads from a node to its source.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import vscode from 'vscode';
import { GRAPH, type GraphReply } from '../protocol';
import { LANGUAGE, STANDARD_LIBRARY_SCHEME, type Server } from '../server';
import type { Format, ToExtension, ToPage } from './messages';
import type { Direction } from './layout';
import { model, nodeAt } from './model';
import { html } from './page/page';

const VIEW = 'mlflow.graph';
/** Typing is followed when it pauses for this long, in milliseconds. */
const PAUSE = 150;

export class GraphPanel implements vscode.Disposable, vscode.WebviewPanelSerializer<unknown> {
  private panel: vscode.WebviewPanel | undefined;
  private isReady = false;
  /** What is drawn: the file, and what the server said of it. */
  private source: vscode.Uri | undefined;
  private reply: GraphReply | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private asked = 0;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly server: Server,
  ) {
    this.subscriptions = [
      vscode.window.registerWebviewPanelSerializer(VIEW, this),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.follow(editor)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isSource(document)) this.refreshSoon();
      }),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (uris.some((uri) => uri.toString() === this.source?.toString())) this.refreshSoon();
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.showCursor(textEditor)),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('mlflow')) this.refreshSoon();
      }),
      server.onState(() => this.refreshSoon()),
    ];
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.panel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  show(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor && isSource(editor.document)) this.source = editor.document.uri;
    if (this.panel) {
      this.panel.reveal(undefined, true);
      this.refreshSoon();
      return;
    }
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.take(vscode.window.createWebviewPanel(VIEW, 'Graph', where, { retainContextWhenHidden: true }));
  }

  /** After a reload of the window. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    const editor = vscode.window.visibleTextEditors.find((one) => isSource(one.document));
    this.source ??= editor?.document.uri;
    this.take(panel);
  }

  private take(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    this.isReady = false;
    const scripts = vscode.Uri.joinPath(this.context.extensionUri, 'dist');
    panel.webview.options = { enableScripts: true, localResourceRoots: [scripts] };
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.context.extensionUri, 'icons', 'file-light.svg'),
      dark: vscode.Uri.joinPath(this.context.extensionUri, 'icons', 'file-dark.svg'),
    };
    panel.webview.onDidReceiveMessage((message: ToExtension) => void this.receive(message));
    panel.onDidDispose(() => {
      if (this.panel === panel) this.panel = undefined;
      this.isReady = false;
    });
    panel.webview.html = html({
      script: panel.webview.asWebviewUri(vscode.Uri.joinPath(scripts, 'graph.js')).toString(),
      source: panel.webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
    });
  }

  private async receive(message: ToExtension): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        await this.refresh();
        break;
      case 'open':
        await this.open(message.id);
        break;
      case 'direction':
        await vscode.workspace.getConfiguration('mlflow').update('graph.direction', message.direction, vscode.ConfigurationTarget.Global);
        break;
      case 'save':
        await this.save(message.format, message.data);
        break;
      case 'failed':
        void vscode.window.showErrorMessage(`The graph could not be drawn: ${message.text}`);
        break;
    }
  }

  private follow(editor: vscode.TextEditor | undefined): void {
    if (!editor || !isSource(editor.document) || !this.panel) return;
    if (editor.document.uri.toString() !== this.source?.toString()) {
      this.source = editor.document.uri;
      this.refreshSoon();
    }
    this.showCursor(editor);
  }

  private refreshSoon(): void {
    if (!this.panel) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.refresh(), PAUSE);
  }

  private async refresh(): Promise<void> {
    if (!this.panel || !this.isReady) return;
    const source = this.source;
    if (!source) return this.tell({ type: 'nothing', text: 'Open an .mlflow file to see its graph.' });
    const number = ++this.asked;
    const file = path.posix.basename(source.path);
    this.panel.title = `Graph: ${file}`;
    if (this.server.state.kind !== 'running') {
      return this.tell({ type: 'nothing', text: 'The mlflow language server does not run.' });
    }
    let reply: GraphReply | undefined;
    try {
      reply = await this.server.ask<GraphReply>(GRAPH, { textDocument: { uri: source.toString() } });
    } catch (failure) {
      return this.tell({ type: 'nothing', text: `The server gave no graph: ${failure instanceof Error ? failure.message : String(failure)}` });
    }
    if (number !== this.asked) return;
    this.reply = reply;
    if (!reply || (reply.nodes.length === 0 && reply.groups.length === 0)) {
      return this.tell({ type: 'nothing', text: `${file} declares no workflow.` });
    }
    const direction = vscode.workspace.getConfiguration('mlflow').get<Direction>('graph.direction', 'down');
    const lines = (await vscode.workspace.openTextDocument(source)).getText().split('\n');
    this.tell({ type: 'graph', model: model(reply, lines), direction, file: source.toString() });
    const editor = vscode.window.visibleTextEditors.find((one) => one.document.uri.toString() === source.toString());
    if (editor) this.showCursor(editor);
  }

  private showCursor(editor: vscode.TextEditor): void {
    if (!this.panel || !this.reply || !isSource(editor.document)) return;
    if (!vscode.workspace.getConfiguration('mlflow').get<boolean>('graph.followCursor', true)) return;
    if (editor.document.uri.toString() !== this.source?.toString()) return;
    const id = nodeAt(this.reply, editor.selection.active);
    this.tell({ type: 'current', id });
  }

  private async open(id: string): Promise<void> {
    const node = this.reply?.nodes.find((one) => one.id === id);
    const uri = this.source;
    if (!node || !uri) return;
    const document = await vscode.workspace.openTextDocument(uri);
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString());
    const column = shown?.viewColumn ?? (this.panel?.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One);
    const start = new vscode.Position(node.selectionRange.start.line, node.selectionRange.start.character);
    await vscode.window.showTextDocument(document, { viewColumn: column, selection: new vscode.Range(start, start) });
  }

  private async save(format: Format, data: string): Promise<void> {
    const source = this.source;
    if (!source) return;
    const name = source.with({ path: source.path.replace(/\.mlflow$/, '') + `.${format}` });
    const chosen = await vscode.window.showSaveDialog({
      defaultUri: name,
      filters: { [format.toUpperCase()]: [format] },
      title: 'Export the graph',
    });
    if (!chosen) return;
    await vscode.workspace.fs.writeFile(chosen, format === 'svg' ? new TextEncoder().encode(data) : Buffer.from(data, 'base64'));
  }

  private tell(message: ToPage): void {
    if (this.isReady) void this.panel?.webview.postMessage(message);
  }
}

function isSource(document: vscode.TextDocument): boolean {
  return document.languageId === LANGUAGE && document.uri.scheme !== STANDARD_LIBRARY_SCHEME;
}
