// The entry: puts the parts together and registers what they offer. Decides nothing itself.

import vscode from 'vscode';
import { Explanations, importDocument, showMenu } from './commands';
import { GeneratedDocuments } from './generated';
import { GraphPanel } from './graph/panel';
import { Server, STANDARD_LIBRARY_SCHEME } from './server';
import { StandardLibrary } from './standardLibrary';
import { StatusItem } from './status';
import { Tasks } from './tasks';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const started = new Server(context);
  server = started;
  const tasks = new Tasks(context);
  const explanations = new Explanations(context);
  const generated = new GeneratedDocuments(started);
  const graph = new GraphPanel(context, started);

  const command = (name: string, run: (...given: unknown[]) => unknown) => vscode.commands.registerCommand(name, run);
  context.subscriptions.push(
    started,
    generated,
    graph,
    new StatusItem(started),
    vscode.workspace.registerTextDocumentContentProvider(STANDARD_LIBRARY_SCHEME, new StandardLibrary(started)),
    vscode.tasks.registerTaskProvider('mlflow', tasks),
    command('mlflow.showGraph', () => graph.show()),
    command('mlflow.showGenerated', () => generated.show()),
    command('mlflow.goToGenerated', () => generated.goToGenerated()),
    command('mlflow.goToSource', () => generated.goToSource()),
    command('mlflow.check', () => tasks.run({ command: 'check', ...values() }, activeFolder())),
    command('mlflow.build', (given) => tasks.run({ command: 'build', ...values(), ...paths(given) }, activeFolder(given))),
    command('mlflow.import', (given) => importDocument(context, given)),
    command('mlflow.explain', (given) => explanations.explain(given)),
    command('mlflow.restartServer', () => started.restart()),
    command('mlflow.showOutput', () => started.showOutput()),
    command('mlflow.showMenu', () => showMenu()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('mlflow.server.path')) void started.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void started.restart()),
  );
  await started.start();
}

export async function deactivate(): Promise<void> {
  await server?.dispose();
}

function activeFolder(given?: unknown): vscode.WorkspaceFolder | undefined {
  const uri = given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
  return (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
}

/** A file of the explorer is built alone. */
function paths(given: unknown): { paths?: string[] } {
  return given instanceof vscode.Uri ? { paths: [given.fsPath] } : {};
}

/** What the settings say of `config`s, so that a build gives what the editor shows. */
function values(): { set?: Record<string, string> } {
  const set = vscode.workspace.getConfiguration('mlflow').get<Record<string, string>>('set', {});
  return Object.keys(set).length > 0 ? { set } : {};
}
