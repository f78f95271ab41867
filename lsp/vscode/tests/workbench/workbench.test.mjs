// What a person does in VS Code, done in VS Code. Pictures of it are left in `screenshots`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Workbench } from './workbench.mjs';

const VSIX = process.env.MLFLOW_VSIX;
assert.ok(VSIX, 'MLFLOW_VSIX names no package');

/** @type {Workbench} */
let bench;
let page;

before(async () => {
  bench = await Workbench.open(VSIX);
  page = bench.page;
}, { timeout: 180_000 });

after(async () => {
  await bench?.close();
});

const limit = { timeout: 90_000 };
const squiggles = () => page.locator('.editor-group-container.active .squiggly-error').count();
const status = () => page.locator('#mlflow-language\\.mlflow-language\\.mlflow\\.status').innerText();

/** Brings a file back to what it was, whatever a test did to it. */
async function withFile(name, work) {
  await bench.openFile(name);
  const original = bench.read(name);
  try {
    await work(original);
  } finally {
    await bench.press('Escape', 'Escape');
    await bench.write(name, original);
  }
}

test('an example opens in colours, and the server finds nothing wrong', limit, async () => {
  await bench.openFile('churn.mlflow');
  const colours = await page.locator('.view-line span span').evaluateAll((all) => new Set(all.map((one) => getComputedStyle(one).color)).size);
  assert.ok(colours >= 5, `${colours} colours`);
  await bench.until('the state of the server', async () => /mlflow/.test(await status()) && !/error/i.test(await status()));
  assert.equal(await squiggles(), 0);
  await bench.picture('editor');
});

test('a mistake is underlined while it is typed, explained on hover, and counted', limit, async () => {
  await withFile('churn.mlflow', async () => {
    await bench.goBehind('churn.mlflow', 'instance = train_on');
    await bench.press('Control+Backspace');
    await page.keyboard.type('"ml.t2.medium"');
    await bench.press('Escape');
    await bench.until('an underlined mistake', squiggles);
    await bench.command('Problems: Focus on Problems View');
    const rows = await bench.until('the list of problems', async () => {
      const all = await bench.problems();
      return all.some((row) => row.includes('E0308')) && all;
    });
    assert.equal(rows.filter((row) => /E\d{4}/.test(row)).length, 1, rows.join('\n'));
    assert.equal(await page.locator('.markers-panel-container .badge-content, .panel .action-item .badge-content').first().innerText(), '1', 'the same finding twice');
    assert.match(rows.join('\n'), /`ml\.t2\.medium` cannot run training jobs/);
    await bench.until('the count in the status bar', async () => /1 error/.test(await status()));
    await bench.pointAt(page.locator('.squiggly-error').first());
    await page.waitForSelector('.monaco-hover:not(.hidden) .hover-contents', { timeout: 10_000 });
    await bench.picture('diagnostic');
    await bench.command('View: Hide Panel');
  });
  await bench.until('no mistake any more', async () => (await squiggles()) === 0);
});

test('a kind is completed with what it requires', limit, async () => {
  await withFile('churn.mlflow', async () => {
    await bench.goBehind('churn.mlflow', 'num_round = 200, max_depth = 6 }\n  }');
    await bench.press('Enter', 'Enter');
    await page.keyboard.type('train again = xgb', { delay: 40 });
    const list = page.locator('.suggest-widget.visible .monaco-list-row');
    await list.first().waitFor();
    await bench.until('xgboost in the list', async () => (await list.allInnerTexts()).some((row) => row.startsWith('xgboost')));
    await page.waitForTimeout(700);
    await bench.picture('completion');
    await list.locator('.label-name', { hasText: /^xgboost$/ }).first().click();
    await page.waitForTimeout(500);
    await bench.picture('completion-inserted');
    await bench.press('Escape', 'Escape');
    await bench.save();
    const text = await bench.until('the saved block', () => /train again = xgboost[^]*?\n {2}\}/.exec(bench.read('churn.mlflow'))?.[0]);
    assert.match(text, /xgboost\("\d[^"]*"\) \{\s+instance\s*=/);
  });
});

test('an instance type is completed from those that can train', limit, async () => {
  await withFile('churn.mlflow', async () => {
    await bench.goBehind('churn.mlflow', 'instance = train_on');
    await bench.press('Control+Backspace');
    await page.keyboard.type('"ml.', { delay: 40 });
    const list = page.locator('.suggest-widget.visible .monaco-list-row');
    await list.first().waitFor();
    const rows = await bench.until('instance types', async () => {
      const all = await list.allInnerTexts();
      return all.some((row) => /ml\.\w+\.\w*large/.test(row)) && all;
    });
    assert.ok(!rows.some((row) => row.includes('ml.t2.')), rows.join(' '));
  });
});

test('a hover tells the type and the documentation', limit, async () => {
  await bench.openFile('churn.mlflow');
  await bench.goBehind('churn.mlflow', 'metrics = quality.rep');
  await bench.command('Show or Focus Hover');
  const hover = page.locator('.monaco-hover:not(.hidden) .hover-contents').first();
  await hover.waitFor();
  assert.match(await hover.innerText(), /report/);
  await bench.press('Escape');
});

test('a rename reaches every file', limit, async () => {
  const schemas = bench.read('schemas.mlflow');
  await withFile('churn.mlflow', async () => {
    await bench.goBehind('churn.mlflow', 'table<Features');
    await bench.press('F2');
    const input = page.locator('.rename-box input.rename-input');
    await input.waitFor();
    await bench.picture('rename');
    await input.fill('Traits');
    await bench.press('Enter');
    await page.waitForTimeout(1000);
    await bench.command('File: Save All Files');
    await bench.until('the new name in both files', () => /schema Traits \{/.test(bench.read('schemas.mlflow')) && /table<Traits>/.test(bench.read('churn.mlflow')));
    assert.doesNotMatch(bench.read('churn.mlflow') + bench.read('schemas.mlflow'), /\bFeatures\b/);
  });
  await bench.openFile('schemas.mlflow');
  await bench.write('schemas.mlflow', schemas);
});

test('a file is laid out on command', limit, async () => {
  await withFile('churn.mlflow', async (original) => {
    await bench.write('churn.mlflow', original.replace('    image    = sklearn', '       image=sklearn').replace('in { customers }', 'in {customers}'));
    await bench.command('Format Document');
    await page.waitForTimeout(800);
    await bench.save();
    await bench.until('the old layout', () => bench.read('churn.mlflow') === original);
  });
});

test('the graph shows the workflow, leads to the source, follows the cursor and edits', limit, async () => {
  await withFile('churn.mlflow', async () => {
    await bench.goTo(1);
    await bench.command('mlflow: Show Graph to the Side');
    const graph = await bench.webview('g.node[data-name="quality"]');
    for (const name of ['split', 'fit', 'quality', 'quality.report.auc >= min_auc', 'candidate']) assert.equal(await graph.locator(`g.node[data-name="${name}"]`).count(), 1, name);
    assert.ok((await graph.locator('path.edge').count()) >= 5);
    await graph.locator('g.node[data-name="quality"]').click();
    const line = bench.read('churn.mlflow').split('\n').findIndex((text) => text.includes('evaluate quality')) + 1;
    await bench.until('the cursor at the step', async () => (await bench.cursor())?.line === line);
    await bench.until('the marked step', () => graph.locator('g.node.current[data-name="quality"]').count());
    await page.waitForTimeout(400);
    await bench.picture('graph-dark');
    await bench.goBehind('churn.mlflow', 'train fit');
    await bench.until('the next marked step', () => graph.locator('g.node.current[data-name="fit"]').count());

    await bench.goBehind('churn.mlflow', 'instance = train_on');
    await bench.press('Control+Backspace');
    await page.keyboard.type('"ml.t2.medium"');
    await bench.press('Escape');
    await bench.until('the finding on its step', () => graph.locator('g.node.error[data-name="fit"]').count());
    await bench.picture('graph-finding');
    await bench.press('Control+z', 'Control+z');
    const background = () => graph.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await bench.command('Preferences: Toggle between Light/Dark Themes');
    await bench.until('light colours', async () => /rgb\(2[45]\d, /.test(await background()));
    await page.waitForTimeout(700);
    await bench.picture('graph-light');
    await bench.command('Preferences: Toggle between Light/Dark Themes');
    await bench.until('dark colours', async () => (await background()) === dark);
  });
});

test('the graph is exported as SVG and as PNG', limit, async () => {
  const graph = await bench.webview('g.node[data-name="quality"]');
  for (const format of ['svg', 'png']) {
    await graph.locator(`#${format}`).click();
    const input = page.locator('.quick-input-widget input[type="text"]').first();
    await input.waitFor();
    await bench.until(`the ${format}`, async () => {
      if (await input.isVisible()) await bench.press('Enter');
      await page.waitForTimeout(500);
      return bench.exists(`churn.${format}`);
    });
  }
  await page.waitForTimeout(300);
  const svg = bench.read('churn.svg');
  assert.match(svg, /^<svg xmlns=[^]*quality[^]*<\/svg>$/);
  assert.doesNotMatch(svg, /var\(/);
  assert.equal(bench.bytes('churn.png').subarray(1, 4).toString(), 'PNG');
  bench.keep('churn.svg', 'graph.svg');
  bench.keep('churn.png', 'graph.png');
  await bench.command('View: Close Other Editors in Group').catch(() => undefined);
});

test('the generated JSON stands beside its source, and the selection is linked both ways', limit, async () => {
  await bench.openOnly('churn.mlflow');
  await bench.goBehind('churn.mlflow', 'max_depth = 6', 1);
  await bench.command('mlflow: Show Generated JSON to the Side');
  const choice = page.locator('.quick-input-list .monaco-list-row', { hasText: 'train_churn' }).first();
  const generated = page.locator('.tab', { hasText: /\.json/ });
  await bench.until('a choice or the document', async () => (await choice.isVisible()) || (await generated.count()));
  if (await choice.isVisible()) await choice.click();
  await generated.first().waitFor();
  const right = page.locator('.editor-group-container').nth(1);
  await right.locator('.view-line').first().waitFor();
  await bench.until('the linked place', async () => /max_depth/.test(await bench.linked(right)));
  await bench.picture('generated');
  await bench.clickOn(right.locator('.view-line', { hasText: '"max_depth"' }).first());
  const left = page.locator('.editor-group-container').first();
  await bench.until('the place in the source', async () => /6|max_depth/.test(await bench.linked(left)));
});

test('the definition of a kind is in the standard library', limit, async () => {
  await bench.openOnly('churn.mlflow');
  await bench.goBehind('churn.mlflow', 'evaluate quality = proc');
  await bench.press('F12');
  await page.waitForSelector('.tab.active:has-text("processing.mlflow")', { timeout: 15_000 });
  await bench.until('its text', async () => (await page.locator('.editor-group-container.active .view-lines').innerText()).replaceAll('\u00a0', ' ').includes('kind processing'));
  await bench.picture('standard-library');
});

test('a task fills the list of problems of files that are not open', limit, async () => {
  const original = bench.read('schemas.mlflow');
  await bench.openOnly('churn.mlflow');
  bench.put('schemas.mlflow', original.replace('since:     string', 'since:     strin'));
  await bench.command('mlflow: Check');
  await bench.until('the end of the task', async () => (await page.locator('.xterm-accessibility, .terminal-wrapper').count()) > 0);
  await bench.command('Problems: Focus on Problems View');
  await bench.until('a problem of the task', async () => (await bench.problems()).some((row) => /strin/.test(row) && /mlflowc/.test(row)));
  await bench.picture('task');
  bench.put('schemas.mlflow', original);
  await bench.command('mlflow: Check');
  await bench.until('no problem of the task', async () => !(await bench.problems()).some((row) => /strin/.test(row)));
  await bench.command('View: Hide Panel');
});

test('an error is explained', limit, async () => {
  await bench.command('mlflow: Explain an Error');
  const input = page.locator('.quick-input-widget input[type="text"]').first();
  await input.waitFor();
  await input.fill('E0308');
  await bench.press('Enter');
  const explanation = await bench.webview('h1:has-text("E0308")');
  assert.match(await explanation.locator('body').innerText(), /instance type/);
});

test('a state machine is imported and opened', limit, async () => {
  await bench.openOnly('churn.mlflow');
  bench.put('orders.asl.json', JSON.stringify({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 5, Next: 'Done' }, Done: { Type: 'Succeed' } } }));
  await bench.command('mlflow: Import as .mlflow');
  const input = page.locator('.quick-input-widget input[type="text"]').first();
  await bench.until('the dialog', () => input.isVisible());
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: 'orders.asl.json' }).first();
  await bench.until('the imported file', async () => {
    // The dialog forgets what is written before it has looked at the folder.
    if (await row.isVisible()) await row.click().catch(() => undefined);
    else if (await input.isVisible()) await bench.press('Enter');
    await page.waitForTimeout(700);
    return page.locator('.tab.active[data-resource-name="orders.mlflow"]').count();
  });
  assert.match(bench.read('orders.mlflow'), /state Wait = Wait \{/);
  await bench.openOnly('churn.mlflow');
  bench.remove('orders.mlflow');
  bench.remove('orders.asl.json');
  await bench.until('no trace of the imported file', async () => !/error/.test(await status()));
});

test('a missing server is said once, with the setting', limit, async () => {
  await bench.openOnly('churn.mlflow');
  await bench.settings({ 'mlflow.server.path': '/nowhere/mlflow-lsp' });
  const said = await bench.until('the message', async () => {
    const all = (await bench.notifications()).filter((text) => text.includes('mlflow'));
    return all.length > 0 && all;
  });
  assert.equal(said.length, 1);
  assert.match(said[0], /The setting `mlflow\.server\.path` names \/nowhere\/mlflow-lsp, and there is no program there\./);
  await page.waitForTimeout(500);
  await bench.picture('missing-server');
  await page.locator('.notifications-toasts .monaco-button', { hasText: 'Open Setting' }).first().click();
  await page.waitForSelector('.settings-editor .setting-item-title:has-text("Path")', { timeout: 15_000 });
  await bench.picture('missing-server-setting');
  await bench.press('Escape', 'Escape');
  await bench.settings({ 'mlflow.server.path': '' });
  await bench.openOnly('churn.mlflow');
  const ready = page.locator('#mlflow-language\\.mlflow-language\\.mlflow\\.status .codicon-check');
  await bench.until('the server again', () => ready.count()).catch(async (failure) => {
    await bench.command('Problems: Focus on Problems View');
    assert.fail(`${failure.message}; ${await status()}; ${(await bench.problems()).join('; ')}`);
  });
});
