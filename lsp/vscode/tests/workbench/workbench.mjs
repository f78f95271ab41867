// The real workbench of VS Code in a headless Chromium: starts both, and knows where things are on the screen.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const node = path.join(here, `node_modules/node-linux-${process.arch}/bin/node`);
const server = path.join(here, 'node_modules/code-server/out/node/entry.js');
export const screenshots = path.resolve(process.env.MLFLOW_SCREENSHOTS ?? path.join(here, '../../screenshots'));

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.preferredLightColorTheme': 'Default Light Modern',
  'workbench.preferredDarkColorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'window.menuBarVisibility': 'compact',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'editor.minimap.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.fontFamily': "'DejaVu Sans Mono', monospace",
  'editor.fontSize': 13,
  'editor.cursorBlinking': 'solid',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
};

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Workbench {
  /** Installs the extension into a fresh profile, and opens a copy of the workspace. */
  static async open(vsix, settings = {}) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-workbench-'));
    const workspace = path.join(folder, 'churn');
    cpSync(path.join(here, 'workspace'), workspace, { recursive: true });
    const user = path.join(folder, 'user');
    mkdirSync(path.join(user, 'User'), { recursive: true });
    writeFileSync(path.join(user, 'User/settings.json'), JSON.stringify({ ...SETTINGS, ...settings }, null, 2));
    const folders = ['--config', '/dev/null', '--user-data-dir', user, '--extensions-dir', path.join(folder, 'extensions')];
    // It is there from the start, so that changes of it are seen.
    mkdirSync(path.join(user, 'Machine'), { recursive: true });
    writeFileSync(path.join(user, 'Machine/settings.json'), '{}');
    // Nothing of the machine's own language servers may help.
    const env = { ...process.env, PATH: `${path.dirname(node)}:/usr/bin:/bin` };
    const installed = spawnSync(node, [server, ...folders, '--install-extension', vsix], { encoding: 'utf8', env });
    if (installed.status !== 0) throw new Error(`the extension cannot be installed:\n${installed.stdout}${installed.stderr}`);
    const port = await freePort();
    const child = spawn(
      node,
      [server, ...folders, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', workspace],
      // A group of its own, so that what it starts ends with it.
      { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env },
    );
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (log += data));
    for (let round = 0; ; round++) {
      if (child.exitCode !== null || round > 300) throw new Error(`the workbench does not start:\n${log}`);
      if (await fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false)) break;
      await wait(100);
    }
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--force-device-scale-factor=1'] });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`http://127.0.0.1:${port}/?folder=${workspace}`);
    await page.waitForSelector('.monaco-workbench .explorer-folders-view .monaco-list-row', { timeout: 120_000 });
    return new Workbench({ folder, workspace, user, child, browser, page, log: () => log });
  }

  constructor(parts) {
    Object.assign(this, parts);
  }

  async close() {
    await this.browser.close();
    try {
      process.kill(-this.child.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
    await wait(300);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async picture(name) {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }

  /** A file of the workspace as it is on the disk. */
  read(file) {
    return readFileSync(path.join(this.workspace, file), 'utf8');
  }

  /** Writes a file of the workspace, past the editor. */
  put(file, text) {
    writeFileSync(path.join(this.workspace, file), text);
  }

  remove(file) {
    rmSync(path.join(this.workspace, file));
  }

  exists(file) {
    return existsSync(path.join(this.workspace, file));
  }

  /** Waits until something is so, and says what it was last. */
  async until(what, look, time = 20_000) {
    const end = Date.now() + time;
    let last;
    do {
      last = await look();
      if (last) return last;
      await wait(100);
    } while (Date.now() < end);
    await this.picture(`failed-${what.replace(/\W+/g, '-')}`);
    throw new Error(`${what} did not come in ${time / 1000} s`);
  }

  /** Moves the pointer to the middle of something that others lie over. */
  async pointAt(locator) {
    const box = await locator.boundingBox();
    if (!box) throw new Error('there is nothing to point at');
    await this.page.mouse.move(box.x + Math.min(box.width / 2, 60), box.y + box.height / 2, { steps: 4 });
  }

  async clickOn(locator) {
    await this.pointAt(locator);
    await this.page.mouse.down();
    await this.page.mouse.up();
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The field that a key opens. What takes the focus at the same moment closes it again: then once more. */
  async quickInput(key) {
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    for (let round = 0; round < 5; round++) {
      await this.press(key);
      await input.waitFor({ state: 'visible', timeout: 3000 }).catch(() => undefined);
      await wait(100);
      if (await input.isVisible()) return input;
    }
    await this.picture('failed-quick-input');
    throw new Error(`${key} opens nothing`);
  }

  /** Runs a command by its title. */
  async command(title) {
    const input = await this.quickInput('F1');
    await input.fill(`>${title}`);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    await row.waitFor({ state: 'visible' });
    await row.click();
    await this.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden', timeout: 3000 }).catch(() => undefined);
  }

  /** Changes settings while the workbench runs. Paths of programs belong to the machine that the server runs on. */
  async settings(change) {
    for (const [name, value] of Object.entries(change)) {
      const file = path.join(this.user, name.endsWith('.path') ? 'Machine/settings.json' : 'User/settings.json');
      mkdirSync(path.dirname(file), { recursive: true });
      const settings = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
      writeFileSync(file, JSON.stringify({ ...settings, [name]: value }, null, 2));
    }
    await wait(500);
  }

  async openFile(name) {
    const input = await this.quickInput('Control+p');
    await input.fill(name);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
    await row.waitFor({ state: 'visible' });
    await row.click();
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
    await this.page.waitForSelector('.editor-group-container.active .monaco-editor .view-line');
  }

  /** Puts the cursor at a place: lines and columns count from one. */
  async goTo(line, column = 1) {
    const input = await this.quickInput('Control+g');
    await input.fill(`:${line}:${column}`);
    await this.press('Enter');
    await this.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
  }

  /** Puts the cursor behind the first place of a text in a file as it is on the disk. */
  async goBehind(file, text, back = 0) {
    const whole = this.read(file);
    const at = whole.indexOf(text);
    if (at < 0) throw new Error(`${file} has no ${text}`);
    const before = whole.slice(0, at + text.length - back).split('\n');
    await this.goTo(before.length, before.at(-1).length + 1);
  }

  async save() {
    await this.press('Control+s');
  }

  /** Gives a file another text on the disk, and has the editor read it again. */
  async write(name, text) {
    await this.openFile(name);
    this.put(name, text);
    await this.command('File: Revert File');
    await this.until(`${name} as it is on the disk`, async () => !(await this.isChanged(name)));
    // The watcher of files needs a moment where the editor had no changes of its own.
    await wait(300);
  }

  async isChanged(name) {
    return (await this.page.locator(`.tab.dirty[data-resource-name="${name}"]`).count()) > 0;
  }

  /** Opens a file and closes everything else. */
  async openOnly(name) {
    await this.command('View: Close All Editors');
    await this.openFile(name);
  }

  bytes(file) {
    return readFileSync(path.join(this.workspace, file));
  }

  /** Puts a file of the workspace among the pictures. */
  keep(file, name) {
    mkdirSync(screenshots, { recursive: true });
    cpSync(path.join(this.workspace, file), path.join(screenshots, name));
  }

  /** The text of the lines that a linked place covers in an editor. */
  async linked(group) {
    return group.evaluate((element) => {
      const marks = [...element.querySelectorAll('.view-overlays [class*="ced-"]')].map((mark) => mark.getBoundingClientRect());
      const lines = [...element.querySelectorAll('.view-line')];
      return lines
        .filter((line) => {
          const box = line.getBoundingClientRect();
          return marks.some((mark) => mark.top < box.bottom - 2 && mark.bottom > box.top + 2);
        })
        .map((line) => line.textContent.replaceAll('\u00a0', ' '))
        .join('\n');
    });
  }

  /** The place of the cursor as the status bar says it. */
  async cursor() {
    const text = await this.page.locator('#status\\.editor\\.selection').innerText().catch(() => '');
    const match = /Ln (\d+), Col (\d+)/.exec(text);
    return match && { line: Number(match[1]), column: Number(match[2]) };
  }

  problems() {
    return this.page.locator('.markers-panel .monaco-list-row').allInnerTexts();
  }

  /** The page inside of a webview. */
  async webview(selector) {
    return this.until(`a page with ${selector}`, async () => {
      for (const frame of this.page.frames()) {
        if (await frame.locator(selector).count().catch(() => 0)) return frame;
      }
      return undefined;
    });
  }

  notifications() {
    return this.page.locator('.notification-list-item-message').allInnerTexts();
  }
}
