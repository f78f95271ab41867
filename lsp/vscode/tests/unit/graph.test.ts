// The graph from the server's answer to the drawing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ELK from 'elkjs/lib/elk.bundled.js';
import { draw, THEME } from '../../src/graph/draw';
import { layout, type Direction, type Layout } from '../../src/graph/layout';
import { model, nodeAt } from '../../src/graph/model';
import type { GraphNode, GraphReply } from '../../src/protocol';
import { measure } from './support';

function node(id: string, line: number, more: Partial<GraphNode> = {}): GraphNode {
  const range = { start: { line, character: 2 }, end: { line: line + 3, character: 3 } };
  const step = { kind: 'processing', role: 'transform', engine: 'pipeline', shape: 'step' as const, parent: null };
  return { id, name: id, range, selectionRange: range, diagnostics: [], ...step, ...more };
}

const REPLY: GraphReply = {
  groups: [
    { id: 'train', name: 'train_churn', engine: 'pipeline', range: node('', 0).range, nodes: ['split', 'fit', 'gate', 'keep', 'stop'] },
    { id: 'release', name: 'release_churn', engine: 'machine', range: node('', 30).range, nodes: ['live'] },
  ],
  nodes: [
    node('split', 0),
    node('fit', 5, { role: 'train', kind: 'xgboost', diagnostics: [{ severity: 1, message: '`ml.t2.medium` cannot run training jobs.' }] }),
    node('gate', 10, { role: 'when', kind: 'when', shape: 'condition' }),
    node('keep', 11, { role: 'register', kind: 'model_package', parent: 'gate', range: { start: { line: 11, character: 4 }, end: { line: 12, character: 5 } } }),
    node('stop', 20, { role: 'fail', kind: 'fail', shape: 'fail', parent: 'gate' }),
    node('live', 30, { role: 'deploy', kind: 'endpoint', engine: 'machine' }),
  ],
  edges: [
    { from: 'split', to: 'fit', label: '' },
    { from: 'fit', to: 'gate', label: '' },
    { from: 'gate', to: 'keep', label: 'then' },
    { from: 'gate', to: 'stop', label: 'else' },
    { from: 'gate', to: 'nowhere', label: '' },
  ],
};

/** The document around the nodes. */
const LINES = Array.from({ length: 40 }, () => '');
LINES[10] = '  when quality.report.auc >= min_auc and some_other_condition_that_is_very_long == "a text" { // why';
LINES[20] = '  fail "AUC <is> & below"';

async function laidOut(reply: GraphReply, direction: Direction = 'down'): Promise<Layout> {
  return layout(new ELK(), model(reply, LINES), direction, measure);
}

test('an edge to what is not drawn is left out, and everything else is kept', () => {
  const made = model(REPLY);
  assert.deepEqual(made.nodes.map((one) => one.id), ['split', 'fit', 'gate', 'keep', 'stop', 'live']);
  assert.deepEqual(made.edges.map((one) => `${one.from}-${one.to}`), ['split-fit', 'fit-gate', 'gate-keep', 'gate-stop']);
  assert.deepEqual(made.nodes.map((one) => one.shape), ['step', 'step', 'condition', 'step', 'fail', 'step']);
  assert.deepEqual(made.nodes.map((one) => one.group), ['train', 'train', 'train', 'train', 'train', 'release']);
  assert.equal(made.nodes[1]?.severity, 'error');
});

test('a condition, a loop and a failure are named as they are written', () => {
  const [, , gate, , stop] = model(REPLY, LINES).nodes;
  assert.equal(gate?.name, 'quality.report.auc >= min_auc and some_other_condition_that_is_very_long == "a text"');
  assert.equal(stop?.name, 'AUC <is> & below');
  const named = (line: string, shape: 'condition' | 'each' | 'fail') =>
    model({ nodes: [node('name', 0, { shape, range: { start: { line: 0, character: line.search(/\S/) }, end: { line: 3, character: 0 } } })], edges: [], groups: [] }, [line]).nodes[0]?.name;
  assert.equal(named('  each shard in joined.shards {', 'each'), 'shard in joined.shards');
  assert.equal(named('else when a.b > 1 {', 'condition'), 'a.b > 1');
  assert.equal(named('fail e.message', 'fail'), 'e.message');
  assert.equal(named('} else {', 'condition'), 'name');
});

test('nodes do not overlap, lie in their groups, and follow each other in the direction of the data', async () => {
  for (const direction of ['down', 'right'] as const) {
    const { nodes, groups, edges, width, height } = await laidOut(REPLY, direction);
    assert.equal(nodes.length, 6);
    assert.equal(groups.length, 2);
    assert.equal(edges.length, 4);
    for (const one of nodes) {
      assert.ok(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height, `${one.node.id} is outside`);
      const around = groups.find(({ group }) => group.id === one.node.group);
      assert.ok(around);
      assert.ok(one.x >= around.x && one.y >= around.y + 30, `${one.node.id} is not in its group`);
      assert.ok(one.x + one.width <= around.x + around.width && one.y + one.height <= around.y + around.height);
      for (const other of nodes) {
        if (other === one) continue;
        const isApart = one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
        assert.ok(isApart, `${one.node.id} and ${other.node.id} overlap`);
      }
    }
    const at = (id: string) => nodes.find((one) => one.node.id === id) ?? assert.fail(id);
    for (const { edge, points } of edges) {
      assert.ok(points.length >= 2);
      if (direction === 'down') assert.ok(at(edge.from).y < at(edge.to).y);
      else assert.ok(at(edge.from).x < at(edge.to).x);
    }
  }
});

test('an edge begins and ends at its nodes', async () => {
  const { nodes, edges } = await laidOut(REPLY);
  for (const { edge, points } of edges) {
    const from = nodes.find((one) => one.node.id === edge.from) ?? assert.fail();
    const to = nodes.find((one) => one.node.id === edge.to) ?? assert.fail();
    const start = points[0] ?? assert.fail();
    const end = points.at(-1) ?? assert.fail();
    assert.ok(Math.abs(start.y - from.y - from.height) < 1 && start.x >= from.x && start.x <= from.x + from.width, edge.id);
    assert.ok(Math.abs(end.y - to.y) < 1 && end.x >= to.x && end.x <= to.x + to.width, edge.id);
  }
});

test('the same answer gives the same drawing, and an edit elsewhere leaves the order', async () => {
  const one = draw(await laidOut(REPLY), THEME);
  assert.equal(one, draw(await laidOut(REPLY), THEME));
  const more = structuredClone(REPLY);
  more.nodes.push(node('extra', 30));
  const order = ({ nodes }: Layout) => nodes.filter(({ node: of }) => of.id !== 'extra').sort((a, b) => a.y - b.y || a.x - b.x).map(({ node: of }) => of.id);
  assert.deepEqual(order(await laidOut(more)), order(await laidOut(REPLY)));
});

test('long texts are cut, and every text is escaped', async () => {
  const svg = draw(await laidOut(REPLY), THEME);
  assert.match(svg, /AUC &#60;is&#62; &#38; below/);
  assert.match(svg, /…/);
  assert.equal(svg.match(/<g class="node/g)?.length, 6);
  assert.match(svg, /class="node step hue-purple error"/);
  assert.match(svg, /`ml\.t2\.medium` cannot run training jobs\./);
  assert.equal(svg.match(/<g[ >]/g)?.length, svg.match(/<\/g>/g)?.length);
});

test('the cursor is in the innermost node around it', () => {
  const at = (line: number, character: number) => nodeAt(REPLY, { line, character });
  assert.equal(at(6, 0), 'fit');
  assert.equal(at(11, 10), 'keep');
  assert.equal(at(13, 0), 'gate');
  assert.equal(at(100, 0), undefined);
});

test('a thousand steps are laid out in less than a minute', async (context) => {
  const nodes = Array.from({ length: 1000 }, (_, index) => node(`n${index}`, index * 5));
  const edges = Array.from({ length: 999 }, (_, index) => ({ from: `n${Math.floor(index / 3)}`, to: `n${index + 1}`, label: '' }));
  const began = performance.now();
  const { nodes: placed } = await laidOut({ nodes, edges, groups: [{ ...(REPLY.groups[0] ?? assert.fail()), nodes: nodes.map(({ id }) => id) }] });
  const took = performance.now() - began;
  context.diagnostic(`${Math.round(took)} ms`);
  assert.equal(placed.length, 1000);
  assert.ok(took < 60_000, `${took} ms`);
});
