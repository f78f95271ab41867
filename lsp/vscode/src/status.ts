// The item in the status bar: whether the server is there, and what it found.

import vscode from 'vscode';
import type { StatusParameters } from './protocol';
import { LANGUAGE, type Server } from './server';

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('mlflow.status', vscode.StatusBarAlignment.Right, 100);
  private status: StatusParameters | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.item.name = 'mlflow';
    this.item.command = 'mlflow.showMenu';
    this.subscriptions = [
      this.item,
      server.onState(() => {
        this.status = undefined;
        this.show();
      }),
      server.onStatus((status) => {
        this.status = status;
        this.show();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.show()),
    ];
    this.show();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private show(): void {
    if (!vscode.window.visibleTextEditors.some(({ document }) => document.languageId === LANGUAGE)) {
      this.item.hide();
      return;
    }
    const state = this.server.state;
    this.item.backgroundColor = undefined;
    switch (state.kind) {
      case 'missing':
        this.item.text = '$(error) mlflow';
        this.item.tooltip = state.reason;
        this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
        break;
      case 'stopped':
        this.item.text = '$(circle-slash) mlflow';
        this.item.tooltip = 'The mlflow language server does not run.';
        break;
      case 'starting':
        this.item.text = '$(loading~spin) mlflow';
        this.item.tooltip = 'The mlflow language server is starting.';
        break;
      case 'running':
        this.showFindings(this.status);
        break;
    }
    this.item.show();
  }

  private showFindings(status: StatusParameters | undefined): void {
    if (!status || status.state === 'busy') {
      this.item.text = status ? '$(loading~spin) mlflow' : '$(check) mlflow';
      this.item.tooltip = status ? 'mlflow is checking.' : 'mlflow is ready.';
      return;
    }
    const found = [counted(status.errors, 'error'), counted(status.warnings, 'warning')].filter((text) => text !== '');
    const icon = status.errors > 0 ? '$(error)' : status.warnings > 0 ? '$(warning)' : '$(check)';
    this.item.text = found.length > 0 ? `${icon} mlflow: ${found.join(', ')}` : `${icon} mlflow`;
    this.item.tooltip = found.length > 0 ? `mlflow found ${found.join(' and ')} in this workspace.` : 'mlflow found no problems.';
  }
}

function counted(count: number, word: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}
