// The words of the colours are those of the compiler: a new keyword, type or unit must reach the editor.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './support';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const colours = JSON.stringify(JSON.parse(read('grammar/mlflow.tmLanguage.json')));
const quoted = (text: string) => [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1] as string);

/** Whether a word stands in one of the choices of the colours. */
function isKnown(word: string): boolean {
  return new RegExp(`[(|:b]${word.replace(/[%]/g, '\\$&')}[()|\\\\]`).test(colours);
}

function assertKnown(words: string[], least: number): void {
  assert.ok(words.length >= least, `only ${words.length} words were found: ${words.join(' ')}`);
  assert.deepEqual(words.filter((word) => !isKnown(word)), []);
}

test('words that start a declaration', () => {
  const pest = read('grammar/mlflow.pest');
  const rules = ['binding_word', 'config_word', 'named_block_word', 'raw_word', 'for_word', 'block_value_word', 'stage'];
  const words = rules.flatMap((rule) => {
    const match = new RegExp(`^${rule}\\s*=\\s*@\\{([^]*?)\\n?\\}`, 'm').exec(pest);
    assert.ok(match, `${rule} is not in the grammar`);
    return quoted((match[1] as string).replace(/&\([^]*$/, ''));
  });
  const first = [...pest.matchAll(/^\w+_declaration\s*=\s*\{\s*(?:\n\s*)?"([a-z]+)"/gm)].map((match) => match[1] as string);
  assertKnown([...new Set([...words.filter((word) => /^[a-z]+$/.test(word)), ...first])], 35);
});

test('words of expressions', () => {
  const words = [...read('grammar/mlflow.pest').matchAll(/^kw_\w+\s*=\s*@\{ "(\w+)"/gm)].map((match) => match[1] as string);
  assertKnown([...words, 'and', 'or', 'not', 'true', 'false', 'none', 'null'], 12);
});

test('built-in types', () => {
  const match = /const NAMES: \[&str; \d+\] = \[([^\]]*)\]/.exec(read('compiler/src/evaluate/types.rs'));
  assert.ok(match);
  assertKnown(quoted(match[1] as string), 25);
});

test('units', () => {
  const match = /impl Unit \{\s*pub const ALL: [^=]*= \[([^]*?)\n {4}\];/.exec(read('compiler/src/syntax/tree.rs'));
  assert.ok(match);
  assertKnown(quoted(match[1] as string), 13);
});
