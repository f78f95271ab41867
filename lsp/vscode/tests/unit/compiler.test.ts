// Tasks against the real compiler: what they ask is understood, and what it prints is matched.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { commandLine, type Definition } from '../../src/commandLine';
import { ROOT } from './support';

const COMPILER = process.env['MLFLOWC'] ?? path.join(ROOT, 'target/debug/mlflowc');
const { contributes } = JSON.parse(readFileSync('package.json', 'utf8'));
const [first, second] = contributes.problemPatterns[0].patterns;

interface Match {
  severity: string;
  code: string;
  message: string;
  file: string;
  line: number;
  column: number;
}

/** As VS Code does it: the lines of a pattern follow each other directly. */
function matches(output: string): Match[] {
  const lines = output.split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const one = new RegExp(first.regexp).exec(line);
    const two = one && new RegExp(second.regexp).exec(lines[index + 1] ?? '');
    if (!one || !two) return [];
    const at = (match: RegExpExecArray, group: number) => match[group] ?? '';
    return [
      {
        severity: at(one, first.severity),
        code: at(one, first.code),
        message: at(one, first.message),
        file: at(two, second.file),
        line: Number(at(two, second.line)),
        column: Number(at(two, second.column)),
      },
    ];
  });
}

function project(change: (text: string) => string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-compiler-'));
  cpSync(path.join(ROOT, 'examples/abalone'), folder, { recursive: true });
  const file = path.join(folder, 'main.mlflow');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return folder;
}

function run(folder: string, definition: Definition): string {
  const { stdout, stderr, error } = spawnSync(COMPILER, commandLine(definition), { cwd: folder, encoding: 'utf8' });
  assert.equal(error, undefined, `${COMPILER} does not run: build it, or name it in MLFLOWC`);
  return stdout + stderr;
}

test('each error of check is one problem at its place', () => {
  const folder = project((text) => text.replace('instance = train_on', 'instance = "ml.t2.medium"').replace('num_round        = 50', 'num_round = "many"'));
  const found = matches(run(folder, { command: 'check' }));
  const lines = readFileSync(path.join(folder, 'main.mlflow'), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('ml.t2.medium')) + 1;
  assert.equal(found.length, 2, JSON.stringify(found));
  assert.deepEqual(found[0], { severity: 'error', code: 'E0308', message: '`ml.t2.medium` cannot run training jobs.', file: 'main.mlflow', line, column: 16 });
});

test('a project without errors has no problems, and builds where it is told to', () => {
  const folder = project((text) => text);
  const output = run(folder, { command: 'build', output: 'elsewhere', set: { environment: 'prod' }, paths: ['main.mlflow'] });
  assert.deepEqual(matches(output), []);
  const built = readFileSync(path.join(folder, 'elsewhere/abalone/train_abalone.pipeline.json'), 'utf8');
  assert.match(built, /acme-ml-prod/);
});

test('a watching task says when a round begins and ends', async () => {
  const folder = project((text) => text);
  const { beginsPattern, endsPattern } = contributes.problemMatchers[1].background;
  const child = spawn(COMPILER, commandLine({ command: 'check', watch: true }), { cwd: folder });
  let output = '';
  const heard = (pattern: string, times: number) =>
    new Promise<void>((resolve, reject) => {
      const given = setTimeout(() => reject(new Error(`no ${pattern} in:\n${output}`)), 20_000);
      const look = () => {
        if ([...output.matchAll(new RegExp(pattern, 'gm'))].length < times) return;
        clearTimeout(given);
        resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      look();
    });
  const hear = (data: Buffer) => (output += data.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  try {
    await heard(endsPattern, 1);
    const file = path.join(folder, 'main.mlflow');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"ml.m5.xlarge"', '"ml.nothing"'));
    await heard(beginsPattern, 1);
    await heard(endsPattern, 2);
    assert.equal(matches(output).length, 1, output);
  } finally {
    child.kill();
  }
});
