// Every token of every .mlflow file that is right must have a colour of its own, and none may be coloured as wrong.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { INITIAL, Registry, parseRawGrammar, type IGrammar } from 'vscode-textmate';
import { ROOT } from './support';

const FOLDERS = ['examples', 'stdlib', 'compiler/tests/syntax/valid', 'compiler/cli/template'];

async function grammar(): Promise<IGrammar> {
  const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const file = path.join(ROOT, 'grammar/mlflow.tmLanguage.json');
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async () => parseRawGrammar(readFileSync(file, 'utf8'), file),
  });
  const loaded = await registry.loadGrammar('source.mlflow');
  assert.ok(loaded);
  return loaded;
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['build', 'node_modules', 'target'].includes(entry.name))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? files(full) : entry.name.endsWith('.mlflow') ? [full] : [];
    })
    .sort();
}

test('every token of the examples and the standard library has a scope, and none is invalid', async (context) => {
  const loaded = await grammar();
  const wrong: string[] = [];
  let tokens = 0;
  const all = FOLDERS.flatMap((folder) => files(path.join(ROOT, folder)));
  assert.ok(all.length > 40, `only ${all.length} files were found`);
  for (const file of all) {
    let state = INITIAL;
    const lines = readFileSync(file, 'utf8').split('\n');
    lines.forEach((line, index) => {
      const result = loaded.tokenizeLine(line, state);
      assert.ok(!result.stoppedEarly);
      state = result.ruleStack;
      for (const token of result.tokens) {
        const text = line.slice(token.startIndex, token.endIndex);
        if (text.trim() === '') continue;
        tokens += 1;
        // Scopes that only say where a token stands give no colour.
        const colouring = token.scopes.filter((scope) => !scope.startsWith('meta.') && scope !== 'source.mlflow');
        if (colouring.length === 0 || colouring.some((scope) => scope.startsWith('invalid'))) {
          wrong.push(`${path.relative(ROOT, file)}:${index + 1}:${token.startIndex + 1} ${JSON.stringify(text)} ${token.scopes.join(' ')}`);
        }
      }
    });
    assert.equal(state.depth, 1, `${path.relative(ROOT, file)} ends inside of something: a bracket was read wrongly`);
  }
  context.diagnostic(`${all.length} files, ${tokens} tokens, ${wrong.length} without a colour`);
  assert.deepEqual(wrong.slice(0, 40), []);
});
