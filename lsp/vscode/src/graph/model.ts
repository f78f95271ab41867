// The graph as it is drawn, made from what the server answers. Pure: no VS Code, no page.

import type { GraphFinding, GraphNode, GraphReply, Position, Range } from '../protocol';

export type Shape = GraphNode['shape'];

export interface ModelNode {
  id: string;
  name: string;
  /** The second line: the kind of a step. */
  detail: string;
  role: string;
  engine: string;
  shape: Shape;
  group: string | undefined;
  severity: 'error' | 'warning' | undefined;
  /** The sentences of its findings. */
  findings: string[];
}

export interface ModelEdge {
  id: string;
  from: string;
  to: string;
  label: string;
  /** An order that was asked for, without data. */
  dashed: boolean;
}

export interface ModelGroup {
  id: string;
  name: string;
  engine: string;
}

export interface Model {
  nodes: ModelNode[];
  edges: ModelEdge[];
  groups: ModelGroup[];
}

const ERROR = 1;
const WARNING = 2;

/** `lines` is the document: a condition is shown as it is written there, and not under the name that it gets. */
export function model(reply: GraphReply, lines: readonly string[] = []): Model {
  const groups = reply.groups.map(({ id, name, engine }): ModelGroup => ({ id, name, engine }));
  const groupOf = new Map(reply.groups.flatMap((group) => group.nodes.map((node) => [node, group.id] as const)));
  const nodes = reply.nodes.map((node): ModelNode => {
    const written = node.shape === 'step' ? undefined : head(lines[node.range.start.line], node);
    return {
      id: node.id,
      name: written ?? node.name,
      detail: node.shape === 'step' && node.kind !== node.role ? node.kind : '',
      role: node.role,
      engine: node.engine,
      shape: node.shape,
      group: groupOf.get(node.id),
      severity: worst(node.diagnostics),
      findings: node.diagnostics.map((finding) => finding.message),
    };
  });
  const drawn = new Set(nodes.map((node) => node.id));
  // An edge to what is not drawn has nowhere to go.
  const edges = reply.edges
    .map((edge, index): ModelEdge => ({ id: `edge-${index}`, ...edge, dashed: edge.label === 'after' }))
    .filter((edge) => drawn.has(edge.from) && drawn.has(edge.to));
  return { nodes, edges, groups };
}

/** What stands on the first line of a declaration behind its word. */
function head(line: string | undefined, node: GraphNode): string | undefined {
  const rest = line?.slice(node.range.start.character);
  const word = /^(?:else\s+)?(?:when|each|fail)\b\s*/.exec(rest ?? '');
  if (!rest || !word) return undefined;
  const text = rest.slice(word[0].length).replace(/\s*(\{\s*)?(\/\/.*)?$/, '');
  const isText = /^"(?:[^"\\]|\\.)*"$/.test(text);
  return (isText ? text.slice(1, -1) : text) || undefined;
}

function worst(findings: GraphFinding[]): 'error' | 'warning' | undefined {
  if (findings.some((finding) => finding.severity === ERROR)) return 'error';
  return findings.some((finding) => finding.severity === WARNING) ? 'warning' : undefined;
}

/** The innermost node that stands around a place of a document. */
export function nodeAt(reply: GraphReply, position: Position): string | undefined {
  let best: { id: string; range: Range } | undefined;
  for (const node of reply.nodes) {
    if (!contains(node.range, position)) continue;
    if (!best || isWithin(node.range, best.range)) best = { id: node.id, range: node.range };
  }
  return best?.id;
}

function compare(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}

function contains(range: Range, position: Position): boolean {
  return compare(range.start, position) <= 0 && compare(position, range.end) <= 0;
}

function isWithin(inner: Range, outer: Range): boolean {
  return compare(outer.start, inner.start) <= 0 && compare(inner.end, outer.end) <= 0;
}
