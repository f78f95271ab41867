// Makes mlflow-language-<version>-<platform>.vsix, with the programs for this platform inside.
//   node package.mjs [--programs FOLDER] [--target linux-x64] [--out FILE]
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { bundle, bundles } from './build.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

const manifest = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
const target = option('--target') ?? `${process.platform}-${process.arch}`;
const ending = target.startsWith('win32') ? '.exe' : '';
const programs = ['mlflow-lsp', 'mlflowc'].map((name) => name + ending);
const folder = path.resolve(option('--programs') ?? path.join(root, 'target/release'));
for (const program of programs) {
  if (existsSync(path.join(folder, program))) continue;
  console.error(`${path.join(folder, program)} is missing: run \`cargo build --release\`, or name another folder with --programs.`);
  process.exit(1);
}

const stage = path.join(here, 'dist/package');
rmSync(stage, { recursive: true, force: true });
mkdirSync(path.join(stage, 'dist'), { recursive: true });
mkdirSync(path.join(stage, 'server'));
const inputs = await bundle(bundles, true);
for (const name of ['extension.js', 'graph.js', 'mlflow.tmLanguage.json']) copyFileSync(path.join(here, 'dist', name), path.join(stage, 'dist', name));
for (const name of ['README.md', 'language-configuration.json', 'markdown.json']) copyFileSync(path.join(here, name), path.join(stage, name));
for (const name of ['icons', 'snippets']) cpSync(path.join(here, name), path.join(stage, name), { recursive: true });
for (const name of ['LICENSE', 'NOTICE', 'CHANGELOG.md']) copyFileSync(path.join(root, name), path.join(stage, name));
for (const program of programs) {
  copyFileSync(path.join(folder, program), path.join(stage, 'server', program));
  chmodSync(path.join(stage, 'server', program), 0o755);
}
writeFileSync(path.join(stage, 'ThirdPartyNotices.txt'), notices(inputs));
const { scripts: _scripts, devDependencies: _dependencies, private: _private, ...shipped } = manifest;
// What was staged above is what is shipped.
shipped.files = ['**/*'];
writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(shipped, null, 2)}\n`);

const out = path.resolve(option('--out') ?? path.join(here, `dist/${manifest.name}-${manifest.version}-${target}.vsix`));
await createVSIX({ cwd: stage, packagePath: out, target, dependencies: false, allowMissingRepository: true });
console.log(out);

/** The licences of the packages that went into the bundles. */
function notices(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    const match = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(input);
    if (match) packages.set(match[1], match[2]);
  }
  const parts = [...packages].sort().map(([at, name]) => {
    const folder = path.join(here, at);
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|thirdparty)/i.test(file)).sort();
    const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...texts].join('\n\n');
  });
  return `This extension contains the packages below.\n\n${parts.join(`\n\n${'-'.repeat(100)}\n\n`)}\n`;
}
