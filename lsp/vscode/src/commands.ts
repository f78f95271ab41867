// Commands that run the compiler once: import and explain; and the list of all commands behind the status item.

import { execFile } from 'node:child_process';
import path from 'node:path';
import vscode from 'vscode';
import { complain, locate } from './locate';

const EXPLANATION_SCHEME = 'mlflow-explain';
/** What the compiler may print, in bytes. */
const LARGEST = 64 * 1024 * 1024;

interface Finished {
  code: number;
  output: string;
  errors: string;
}

function run(program: string, parameters: string[], folder: string | undefined): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: LARGEST, env: { ...process.env, NO_COLOR: '1' } };
    execFile(program, parameters, options, (failure, output, errors) => {
      const code = failure ? (typeof failure.code === 'number' ? failure.code : 2) : 0;
      resolve({ code, output, errors: errors || (failure && !output ? failure.message : '') });
    });
  });
}

export class Explanations implements vscode.TextDocumentContentProvider {
  private readonly pages = new Map<string, string>();

  constructor(private readonly context: vscode.ExtensionContext) {
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(EXPLANATION_SCHEME, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.pages.get(uri.path) ?? '';
  }

  /** Shows the page of a code: the one given, the one under the cursor, or the one that is asked for. */
  async explain(given: unknown): Promise<void> {
    const compiler = locate(this.context, 'mlflowc');
    if ('missing' in compiler) return complain('mlflowc', compiler.missing);
    const code = typeof given === 'string' ? given : (codeUnderCursor() ?? (await ask()));
    if (!code) return;
    const { code: exit, output, errors } = await run(compiler.path, ['explain', code.trim().toUpperCase()], undefined);
    if (exit !== 0) {
      void vscode.window.showWarningMessage((errors || output).trim() || `There is no page about ${code}.`);
      return;
    }
    const uri = vscode.Uri.from({ scheme: EXPLANATION_SCHEME, path: `/${code.trim().toUpperCase()}.md` });
    this.pages.set(uri.path, output);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }
}

function codeUnderCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const finding = vscode.languages
    .getDiagnostics(editor.document.uri)
    .find((one) => one.range.contains(editor.selection.active) && one.code !== undefined);
  const code = typeof finding?.code === 'object' ? finding.code.value : finding?.code;
  return code === undefined ? undefined : String(code);
}

function ask(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: 'Explain an error',
    prompt: 'Its code, as it stands in the list of problems',
    placeHolder: 'E0301',
    validateInput: (text) => (/^\s*[EWew]\d{4}\s*$/.test(text) ? undefined : 'A code is a letter and four digits, as in E0301'),
  });
}

/** Reads a Step Functions or SageMaker Pipeline definition and opens it as .mlflow. */
export async function importDocument(context: vscode.ExtensionContext, given: unknown): Promise<void> {
  const compiler = locate(context, 'mlflowc');
  if ('missing' in compiler) return complain('mlflowc', compiler.missing);
  const chosen =
    given instanceof vscode.Uri
      ? [given]
      : await vscode.window.showOpenDialog({
          title: 'Import a state machine, a pipeline or a template',
          filters: { Definitions: ['json', 'yaml', 'yml'] },
          openLabel: 'Import',
        });
  const file = chosen?.[0];
  if (!file) return;
  const folder = path.dirname(file.fsPath);
  const before = await sources(folder);
  let { code, output, errors } = await run(compiler.path, ['import', file.fsPath, '--output', folder], folder);
  let text = (errors || output).trim();
  if (code !== 0 && text.includes('--force')) {
    const over = 'Write Over It';
    if ((await vscode.window.showWarningMessage(firstSentence(text), { modal: true }, over)) !== over) return;
    ({ code, output, errors } = await run(compiler.path, ['import', file.fsPath, '--output', folder, '--force'], folder));
    text = (errors || output).trim();
  }
  const written = [...(await sources(folder))].filter(([name, changed]) => before.get(name) !== changed).map(([name]) => name);
  for (const name of written) {
    // Shown by the command, so that nothing keeps the document open after its editor.
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path.join(folder, name)), { preview: false });
  }
  if (code === 0) {
    if (written.length === 0) void vscode.window.showInformationMessage(`${path.basename(file.fsPath)} has been imported before, and nothing changed.`);
    return;
  }
  const reason = /unrecognized subcommand/.test(text) ? 'This version of mlflowc cannot import.' : firstSentence(text);
  void vscode.window.showErrorMessage(reason || `${path.basename(file.fsPath)} could not be imported.`);
}

/** The message of the first finding, without the drawing below it. */
function firstSentence(text: string): string {
  const line = text.split('\n').find((one) => !/^\s*(?:Error:)?\s*$/.test(one)) ?? '';
  return line.replace(/^\s*(?:×|(?:error|warning)(?:\[\w+\])?:)\s*/, '');
}

/** The .mlflow files of a folder with the time of their last change. */
async function sources(folder: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [name] of await vscode.workspace.fs.readDirectory(vscode.Uri.file(folder))) {
    if (!name.endsWith('.mlflow')) continue;
    found.set(name, (await vscode.workspace.fs.stat(vscode.Uri.file(path.join(folder, name)))).mtime);
  }
  return found;
}

export async function showMenu(): Promise<void> {
  const items = [
    { label: '$(type-hierarchy) Show the graph', command: 'mlflow.showGraph' },
    { label: '$(json) Show the generated JSON', command: 'mlflow.showGenerated' },
    { label: '$(warning) Show problems', command: 'workbench.actions.view.problems' },
    { label: '$(checklist) Check', command: 'mlflow.check' },
    { label: '$(package) Build', command: 'mlflow.build' },
    { label: '$(cloud-download) Import…', command: 'mlflow.import' },
    { label: '$(question) Explain an error…', command: 'mlflow.explain' },
    { label: '$(debug-restart) Restart the language server', command: 'mlflow.restartServer' },
    { label: '$(output) Show the output of the language server', command: 'mlflow.showOutput' },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: 'mlflow' });
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}
