// Where `mlflow-lsp` and `mlflowc` are looked for. Knows nothing of VS Code, so that it can be tried without it.

import { constants, accessSync, statSync } from 'node:fs';
import path from 'node:path';

export type Program = 'mlflow-lsp' | 'mlflowc';

/** The setting that names a program. */
export const SETTINGS: Record<Program, string> = { 'mlflow-lsp': 'mlflow.server.path', mlflowc: 'mlflow.compiler.path' };

export interface Surroundings {
  /** What the setting says; empty where nothing. */
  setting: string;
  /** Where the extension is installed. */
  extension: string;
  /** The first folder of the workspace. */
  workspace: string | undefined;
  home: string;
  /** The variable PATH. */
  searchPath: string;
  windows: boolean;
}

export type Found = { path: string } | { missing: string };

/** The program, or a sentence that says why there is none. A setting is obeyed or complained about, never passed over. */
export function find(program: Program, around: Surroundings): Found {
  const file = around.windows ? `${program}.exe` : program;
  const setting = around.setting.trim();
  if (setting !== '') {
    const wanted = expand(setting, around);
    if (isProgram(wanted)) return { path: wanted };
    return { missing: `The setting \`${SETTINGS[program]}\` names ${wanted}, and there is no program there.` };
  }
  const bundled = path.join(around.extension, 'server', file);
  if (isProgram(bundled)) return { path: bundled };
  for (const folder of around.searchPath.split(path.delimiter)) {
    if (folder !== '' && isProgram(path.join(folder, file))) return { path: path.join(folder, file) };
  }
  return { missing: `\`${program}\` was not found: it is neither in the extension nor on the PATH.` };
}

function expand(setting: string, around: Surroundings): string {
  const written = setting
    .replace(/^~(?=$|[\\/])/, around.home)
    .replaceAll('${workspaceFolder}', around.workspace ?? '')
    .replaceAll('${userHome}', around.home);
  return path.resolve(around.workspace ?? around.home, written);
}

function isProgram(file: string): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
