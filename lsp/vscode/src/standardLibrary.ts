// Shows files of the standard library, which are inside of the server, as documents that cannot be changed.

import vscode from 'vscode';
import { STANDARD_LIBRARY } from './protocol';
import { STANDARD_LIBRARY_SCHEME, type Server } from './server';

export class StandardLibrary implements vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    // What was opened before the server was there, or by an older one.
    server.onState((state) => {
      if (state.kind !== 'running') return;
      for (const document of vscode.workspace.textDocuments) {
        if (document.uri.scheme === STANDARD_LIBRARY_SCHEME) this.changed.fire(document.uri);
      }
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const reply = await this.server.ask<{ text: string }>(STANDARD_LIBRARY, { uri: uri.toString() }, token);
    return reply?.text ?? `// ${uri.toString()} cannot be shown: the language server does not run, or does not know it.\n`;
  }
}
