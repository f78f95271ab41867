// The graph as it is drawn, made from what the server answers. Pure: no VS Code, no page.

import type { GraphFinding, GraphReply, Position, Range } from '../protocol';

export type Shape = 'step' | 'condition' | 'loop' | 'fail' | 'deployed';

export interface ModelNode {
  id: string;
  name: string;
  /** The second line: the kind of a step, what a condition asks. */
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
  parent: string | undefined;
}

export interface Model {
  nodes: ModelNode[];
  edges: ModelEdge[];
  groups: ModelGroup[];
}

/** The words that declare what is deployed once, and not in each execution. */
const DEPLOYED = new Set(['resource', 'monitor', 'serve', 'studio', 'trigger', 'source']);
const ERROR = 1;
const WARNING = 2;

export function model(reply: GraphReply): Model {
  const groups = withoutCircles(reply.groups ?? []);
  const known = new Set(groups.map((group) => group.id));
  const nodes = (reply.nodes ?? []).map((node): ModelNode => {
    const findings = node.diagnostics ?? [];
    return {
      id: String(node.id),
      name: node.name,
      detail: node.kind === node.role ? '' : node.kind,
      role: node.role,
      engine: node.engine,
      shape: shape(node.role),
      group: node.group != null && known.has(String(node.group)) ? String(node.group) : undefined,
      severity: worst(findings),
      findings: findings.map((finding) => finding.message),
    };
  });
  const drawn = new Set(nodes.map((node) => node.id));
  // An edge to what is not drawn has nowhere to go.
  const edges = (reply.edges ?? [])
    .map((edge, index): ModelEdge => ({
      id: `edge-${index}`,
      from: String(edge.from),
      to: String(edge.to),
      label: edge.label ?? '',
      dashed: edge.kind === 'after' || edge.label === 'after',
    }))
    .filter((edge) => drawn.has(edge.from) && drawn.has(edge.to));
  return { nodes, edges, groups };
}

function shape(role: string): Shape {
  if (role === 'when') return 'condition';
  if (role === 'each' || role === 'for') return 'loop';
  if (role === 'fail') return 'fail';
  return DEPLOYED.has(role) ? 'deployed' : 'step';
}

function worst(findings: GraphFinding[]): 'error' | 'warning' | undefined {
  if (findings.some((finding) => finding.severity === ERROR)) return 'error';
  return findings.some((finding) => finding.severity === WARNING) ? 'warning' : undefined;
}

/** Groups whose parents exist and do not lead back to themselves. */
function withoutCircles(groups: GraphReply['groups']): ModelGroup[] {
  const parents = new Map(groups.map((group) => [String(group.id), group.parent == null ? undefined : String(group.parent)]));
  return groups.map((group): ModelGroup => {
    const id = String(group.id);
    const seen = new Set([id]);
    let above = parents.get(id);
    while (above !== undefined && parents.has(above) && !seen.has(above)) {
      seen.add(above);
      above = parents.get(above);
    }
    const parent = parents.get(id);
    const isSound = parent !== undefined && parents.has(parent) && (above === undefined || !parents.has(above));
    return { id, name: group.name, engine: group.engine, parent: isSound ? parent : undefined };
  });
}

/** The innermost node that stands around a place of a document. */
export function nodeAt(reply: GraphReply, uri: string, position: Position): string | undefined {
  let best: { id: string; range: Range } | undefined;
  for (const node of reply.nodes ?? []) {
    if (node.uri != null && node.uri !== uri) continue;
    if (!contains(node.range, position)) continue;
    if (!best || isWithin(node.range, best.range)) best = { id: String(node.id), range: node.range };
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
