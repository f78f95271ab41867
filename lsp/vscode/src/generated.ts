// The generated documents beside their source, with what is selected in one shown in the other.

import vscode from 'vscode';
import { GENERATED, GO_TO_GENERATED, GO_TO_SOURCE, type GeneratedPlace, type GeneratedReply, type Location, type Range } from './protocol';
import { LANGUAGE, STANDARD_LIBRARY_SCHEME, type Server } from './server';

export const GENERATED_SCHEME = 'mlflow-generated';

/** Typing is followed when it pauses for this long, in milliseconds. */
const PAUSE = 250;

export class GeneratedDocuments implements vscode.TextDocumentContentProvider, vscode.DefinitionProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly linked = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.wordHighlightStrongBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.wordHighlightStrongForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  /** Counts selections, so that a late answer does not win over a newer one. */
  private selections = 0;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.subscriptions = [
      this.changed,
      this.linked,
      vscode.workspace.registerTextDocumentContentProvider(GENERATED_SCHEME, this),
      vscode.languages.registerDefinitionProvider({ scheme: GENERATED_SCHEME }, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isSource(document)) this.refreshSoon(document.uri.toString());
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => void this.link(event)),
      server.onState((state) => {
        if (state.kind === 'running') this.refresh();
      }),
    ];
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const { source, path } = parts(uri);
    const files = await this.files(source, token);
    if (!files) return 'The language server does not run.\n';
    const file = files.find((one) => one.path === path);
    if (file) return file.text;
    const others = files.map((one) => `  ${one.path}\n`).join('');
    return others ? `${path} is not generated any more. These are:\n${others}` : 'Nothing is generated: there are errors, or nothing to generate.\n';
  }

  /** F12 in a generated document leads to its source. */
  async provideDefinition(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Location | undefined> {
    const place = await this.sourceOf(document.uri, position);
    return place && new vscode.Location(vscode.Uri.parse(place.uri), range(place.range));
  }

  async show(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !isSource(editor.document)) return;
    const files = await this.files(editor.document.uri.toString());
    if (!files) {
      void vscode.window.showWarningMessage('The mlflow language server does not run.');
      return;
    }
    if (files.length === 0) {
      void vscode.window.showInformationMessage('Nothing is generated from this file: it has errors, or declares nothing to generate.');
      return;
    }
    const here = await this.generatedAt(editor);
    const first = files.find((file) => file.path === here?.path);
    const chosen = files.length === 1 ? files[0] : await choose(files, first);
    if (!chosen) return;
    await this.open(editor.document.uri.toString(), chosen.path, vscode.ViewColumn.Beside, true);
    await this.showLinked(editor, await this.generatedAt(editor));
  }

  async goToGenerated(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !isSource(editor.document)) return;
    const place = await this.generatedAt(editor);
    if (!place) {
      void vscode.window.showInformationMessage('Nothing is generated from this place.');
      return;
    }
    const opened = await this.open(editor.document.uri.toString(), place.path, vscode.ViewColumn.Beside, false);
    select(opened, range(place.range));
  }

  async goToSource(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.scheme !== GENERATED_SCHEME) return;
    const place = await this.sourceOf(editor.document.uri, editor.selection.active);
    if (!place) {
      void vscode.window.showInformationMessage('No source is known for this place.');
      return;
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri));
    const shown = vscode.window.visibleTextEditors.find((one) => one.document === document);
    const opened = await vscode.window.showTextDocument(document, shown?.viewColumn ?? vscode.ViewColumn.One);
    select(opened, range(place.range));
  }

  private async files(source: string, token?: vscode.CancellationToken): Promise<GeneratedReply['files'] | undefined> {
    const reply = await this.server.ask<GeneratedReply>(GENERATED, { textDocument: { uri: source } }, token);
    return reply?.files ?? undefined;
  }

  private async open(source: string, path: string, column: vscode.ViewColumn, preserveFocus: boolean): Promise<vscode.TextEditor> {
    const uri = generatedUri(source, path);
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString());
    const document = await vscode.workspace.openTextDocument(uri);
    return vscode.window.showTextDocument(document, { viewColumn: shown?.viewColumn ?? column, preserveFocus, preview: false });
  }

  private async generatedAt(editor: vscode.TextEditor): Promise<GeneratedPlace | undefined> {
    return this.server.ask<GeneratedPlace>(GO_TO_GENERATED, {
      textDocument: { uri: editor.document.uri.toString() },
      position: editor.selection.active,
    });
  }

  private async sourceOf(uri: vscode.Uri, position: vscode.Position): Promise<Location | undefined> {
    const { source, path } = parts(uri);
    return this.server.ask<Location>(GO_TO_SOURCE, { textDocument: { uri: source }, path, position });
  }

  /** A selection made by hand is shown on the other side. */
  private async link(event: vscode.TextEditorSelectionChangeEvent): Promise<void> {
    if (!vscode.workspace.getConfiguration('mlflow').get<boolean>('generated.linkSelection', true)) return;
    const { textEditor: editor } = event;
    const generated = vscode.window.visibleTextEditors.filter((one) => one.document.uri.scheme === GENERATED_SCHEME);
    if (generated.length === 0) return;
    const number = ++this.selections;
    if (isSource(editor.document)) {
      const place = await this.generatedAt(editor).catch(() => undefined);
      if (number === this.selections) await this.showLinked(editor, place);
    } else if (editor.document.uri.scheme === GENERATED_SCHEME && event.kind !== undefined) {
      const place = await this.sourceOf(editor.document.uri, editor.selection.active).catch(() => undefined);
      if (number !== this.selections) return;
      editor.setDecorations(this.linked, []);
      for (const other of vscode.window.visibleTextEditors) {
        if (other.document.languageId !== LANGUAGE) continue;
        this.mark(other, place && place.uri === other.document.uri.toString() ? [range(place.range)] : []);
      }
    }
  }

  private async showLinked(source: vscode.TextEditor, place: GeneratedPlace | undefined): Promise<void> {
    source.setDecorations(this.linked, []);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.scheme !== GENERATED_SCHEME) continue;
      const own = parts(editor.document.uri);
      const isPlace = place && own.path === place.path && own.source === source.document.uri.toString();
      this.mark(editor, isPlace ? [range(place.range)] : []);
    }
  }

  private mark(editor: vscode.TextEditor, ranges: vscode.Range[]): void {
    editor.setDecorations(this.linked, ranges);
    if (ranges[0]) editor.revealRange(ranges[0], vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private refreshSoon(source: string): void {
    clearTimeout(this.waiting.get(source));
    this.waiting.set(
      source,
      setTimeout(() => {
        this.waiting.delete(source);
        this.refresh();
      }, PAUSE),
    );
  }

  /** All that are open: a document may come from several files. */
  private refresh(): void {
    for (const document of vscode.workspace.textDocuments) {
      if (document.uri.scheme === GENERATED_SCHEME) this.changed.fire(document.uri);
    }
  }
}

/** The address of a generated document: its path, and in the query the source it was asked for. */
function generatedUri(source: string, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: GENERATED_SCHEME, path: `/${path}`, query: source });
}

function parts(uri: vscode.Uri): { source: string; path: string } {
  return { source: uri.query, path: uri.path.replace(/^\//, '') };
}

function isSource(document: vscode.TextDocument): boolean {
  return document.languageId === LANGUAGE && document.uri.scheme !== STANDARD_LIBRARY_SCHEME;
}

function range(of: Range): vscode.Range {
  return new vscode.Range(of.start.line, of.start.character, of.end.line, of.end.character);
}

function select(editor: vscode.TextEditor, place: vscode.Range): void {
  editor.selection = new vscode.Selection(place.start, place.end);
  editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function choose(files: GeneratedReply['files'], first: GeneratedReply['files'][number] | undefined) {
  const ordered = first ? [first, ...files.filter((file) => file !== first)] : files;
  const items = ordered.map((file) => ({
    label: file.path.split('/').at(-1) ?? file.path,
    description: file === first ? 'what the cursor stands in becomes this' : '',
    detail: file.path,
    file,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Generated documents', matchOnDetail: true }))?.file;
}
