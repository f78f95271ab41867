// Finds the programs with what VS Code knows, and says what to do where one is missing.

import os from 'node:os';
import vscode from 'vscode';
import { find, SETTINGS, type Found, type Program } from './programs';

export function locate(context: vscode.ExtensionContext, program: Program): Found {
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
  return find(program, {
    setting: vscode.workspace.getConfiguration().get<string>(SETTINGS[program]) ?? '',
    extension: context.extensionPath,
    workspace: workspace?.scheme === 'file' ? workspace.fsPath : undefined,
    home: os.homedir(),
    searchPath: process.env['PATH'] ?? '',
    windows: process.platform === 'win32',
  });
}

/** One message, with the way to the setting. */
export async function complain(program: Program, missing: string): Promise<void> {
  const what = program === 'mlflow-lsp' ? 'Errors, completion and the graph of .mlflow files need it.' : 'Tasks, import and explanations need it.';
  const open = 'Open Setting';
  const chosen = await vscode.window.showErrorMessage(`${missing} ${what}`, open);
  if (chosen !== open) return;
  // The path belongs to the machine that the programs run on; the settings of the user's own machine do not list it there.
  const settings = vscode.env.remoteName === undefined ? 'workbench.action.openSettings' : 'workbench.action.openRemoteSettings';
  await vscode.commands.executeCommand(settings, { query: `@id:${SETTINGS[program]}` });
}
