// Each snippet, with its placeholders as they stand, is text that the compiler's parser and formatter leave as it is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './support';

const COMPILER = process.env['MLFLOWC'] ?? path.join(ROOT, 'target/debug/mlflowc');
const snippets: Record<string, { prefix: string; body: string[] }> = JSON.parse(readFileSync('snippets/mlflow.json', 'utf8'));
/** What stands at the left edge of a file; everything else stands in a workflow. */
const FILE_WORDS = /^(project|workflow|schema|config|component|kind|import|let|\/\/\/)/;

/** What is there after the snippet was chosen and left by the tabulator. */
function filled(lines: string[]): string {
  const given = new Map<string, string>();
  const text = lines
    .join('\n')
    .replace(/\$\{(\d+)\|([^,|]*)[^}]*\|\}/g, (_, number: string, choice: string) => (given.set(number, choice), choice))
    .replace(/\$\{(\d+):((?:[^{}]|\{[^{}]*\})*)\}/g, (_, number: string, words: string) => (given.set(number, words), words));
  return text.replace(/\$(\d+)/g, (_, number: string) => given.get(number) ?? '');
}

for (const [name, { prefix, body }] of Object.entries(snippets)) {
  test(`${prefix}: ${name}`, () => {
    const text = filled(body).replace(/^\s*\n/gm, '').replace(/=> $/m, '=> value').trimEnd();
    assert.doesNotMatch(text, /\$\{\d/);
    const inside = FILE_WORDS.test(text) ? text : `workflow w {\n${text.replace(/^/gm, '  ')}\n}`;
    const { status, stdout, stderr, error } = spawnSync(COMPILER, ['fmt', '-'], { input: `${inside}\n`, encoding: 'utf8' });
    assert.equal(error, undefined);
    assert.equal(status, 0, `${inside}\n${stderr}`);
    assert.equal(stdout.replace(/^\s*\n/gm, '').trimEnd(), inside);
  });
}
