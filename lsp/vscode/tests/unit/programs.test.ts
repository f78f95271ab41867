// Where the programs are looked for.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { find, type Surroundings } from '../../src/programs';

const root = mkdtempSync(path.join(os.tmpdir(), 'mlflow-programs-'));

function program(...parts: string[]): string {
  const file = path.join(root, ...parts);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

function around(more: Partial<Surroundings> = {}): Surroundings {
  return { setting: '', extension: path.join(root, 'extension'), workspace: path.join(root, 'work'), home: path.join(root, 'home'), searchPath: '', windows: false, ...more };
}

test('a program that is nowhere is missing, and the sentence says where it was looked for', () => {
  assert.deepEqual(find('mlflow-lsp', around()), { missing: '`mlflow-lsp` was not found: it is neither in the extension nor on the PATH.' });
});

test('the one on the PATH, before it the one in the extension, before that the setting', () => {
  const onPath = program('bin', 'mlflow-lsp');
  const searchPath = [path.join(root, 'nothing'), path.join(root, 'bin')].join(path.delimiter);
  assert.deepEqual(find('mlflow-lsp', around({ searchPath })), { path: onPath });
  const inside = program('extension', 'server', 'mlflow-lsp');
  assert.deepEqual(find('mlflow-lsp', around({ searchPath })), { path: inside });
  const named = program('home', 'own', 'server');
  assert.deepEqual(find('mlflow-lsp', around({ searchPath, setting: '~/own/server' })), { path: named });
  const local = program('work', 'target', 'mlflow-lsp');
  assert.deepEqual(find('mlflow-lsp', around({ setting: '${workspaceFolder}/target/mlflow-lsp' })), { path: local });
  assert.deepEqual(find('mlflow-lsp', around({ setting: 'target/mlflow-lsp' })), { path: local });
});

test('a setting that names nothing is complained about, even where the program is elsewhere', () => {
  const found = find('mlflowc', around({ setting: '/nowhere/mlflowc' }));
  assert.deepEqual(found, { missing: 'The setting `mlflow.compiler.path` names /nowhere/mlflowc, and there is no program there.' });
});

test('a folder or a file that cannot be run is no program', () => {
  assert.ok('missing' in find('mlflowc', around({ setting: root })));
  const file = program('home', 'text');
  chmodSync(file, 0o644);
  assert.ok('missing' in find('mlflowc', around({ setting: file })));
});
