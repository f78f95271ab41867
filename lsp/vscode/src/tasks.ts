// Tasks that run `mlflowc check` and `mlflowc build`, with the problem matcher of package.json.

import vscode from 'vscode';
import { complain, locate } from './locate';
import { commandLine, type Definition } from './commandLine';

type TaskDefinition = vscode.TaskDefinition & Definition;

export class Tasks implements vscode.TaskProvider {
  constructor(private readonly context: vscode.ExtensionContext) {}

  provideTasks(): vscode.Task[] {
    const compiler = locate(this.context, 'mlflowc');
    if ('missing' in compiler) return [];
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
      (['check', 'build'] as const).flatMap((command) =>
        [false, true].map((watch) => this.task({ type: 'mlflow', command, ...(watch && { watch }) }, folder, compiler.path)),
      ),
    );
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const compiler = locate(this.context, 'mlflowc');
    if ('missing' in compiler) {
      void complain('mlflowc', compiler.missing);
      return undefined;
    }
    return this.task(task.definition as TaskDefinition, task.scope ?? vscode.TaskScope.Workspace, compiler.path);
  }

  /** Runs a command of the compiler now. */
  async run(definition: Definition, folder: vscode.WorkspaceFolder | undefined): Promise<void> {
    const compiler = locate(this.context, 'mlflowc');
    if ('missing' in compiler) return complain('mlflowc', compiler.missing);
    await vscode.workspace.saveAll(false);
    await vscode.tasks.executeTask(this.task({ type: 'mlflow', ...definition }, folder ?? vscode.TaskScope.Workspace, compiler.path));
  }

  private task(definition: TaskDefinition, scope: vscode.WorkspaceFolder | vscode.TaskScope, compiler: string): vscode.Task {
    const name = definition.watch ? `${definition.command}, and again after changes` : definition.command;
    const execution = new vscode.ProcessExecution(compiler, commandLine(definition));
    const matcher = definition.watch ? '$mlflowc-watch' : '$mlflowc';
    const task = new vscode.Task(definition, scope, name, 'mlflow', execution, matcher);
    task.group = vscode.TaskGroup.Build;
    task.isBackground = definition.watch ?? false;
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Silent, clear: true };
    return task;
  }
}
