// Bundles the extension and the page of its graph into `dist`; with --tests also the unit tests, with --production small.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const has = (flag) => process.argv.includes(flag);
const common = {
  absWorkingDir: here,
  bundle: true,
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
};

export const bundles = [
  { entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'] },
  { entryPoints: ['src/graph/page/main.ts'], outfile: 'dist/graph.js', platform: 'browser', format: 'iife', target: 'es2022' },
];
const tests = readdirSync(path.join(here, 'tests/unit'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => ({
    entryPoints: [`tests/unit/${name}`],
    outfile: `dist/test/${name.replace('.ts', '.js')}`,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'vscode-oniguruma', 'vscode-textmate', 'elkjs'],
  }));

export async function bundle(options, isProduction = has('--production')) {
  const inputs = new Set();
  for (const one of options) {
    const result = await build({ ...common, minify: isProduction, sourcemap: !isProduction, ...one });
    for (const input of Object.keys(result.metafile.inputs)) inputs.add(input);
  }
  copyFileSync(path.join(here, '../../grammar/mlflow.tmLanguage.json'), path.join(here, 'dist/mlflow.tmLanguage.json'));
  return inputs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(path.join(here, 'dist'), { recursive: true, force: true });
  mkdirSync(path.join(here, 'dist'), { recursive: true });
  await bundle(has('--tests') ? [...bundles, ...tests] : bundles);
  if (has('--watch')) {
    for (const one of bundles) await (await context({ ...common, ...one })).watch();
  }
}
