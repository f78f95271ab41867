// Where everything of a graph stands, by ELK's layered algorithm. Pure: how wide a text is, the caller says.

import type { ELK, ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs/lib/elk-api';
import type { Model, ModelEdge, ModelGroup, ModelNode } from './model';

export type Direction = 'down' | 'right';
export type Measure = (text: string, size: number, bold: boolean) => number;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedNode extends Box {
  node: ModelNode;
  /** What fits of the two lines. */
  name: string;
  detail: string;
}

export interface PlacedGroup extends Box {
  group: ModelGroup;
}

export interface PlacedEdge {
  edge: ModelEdge;
  points: { x: number; y: number }[];
  label: (Box & { text: string }) | undefined;
}

export interface Layout {
  width: number;
  height: number;
  nodes: PlacedNode[];
  /** From the outside in. */
  groups: PlacedGroup[];
  edges: PlacedEdge[];
}

export const NAME_SIZE = 13;
export const DETAIL_SIZE = 11;
export const LABEL_SIZE = 11;
/** Left of the texts of a node: its stripe and its sign. */
export const TEXT_LEFT = 38;
const TEXT_RIGHT = 14;
const NARROWEST = 110;
const WIDEST_TEXT = 280;
const HEIGHT_OF_ONE = 34;
const HEIGHT_OF_TWO = 46;
/** A condition's box loses its corners. */
export const SLOPE = 14;
const GROUP_TITLE = 30;
const GROUP_PADDING = 18;

/** Said to each group again: groups do not take it from what is around them. */
const SPACING = {
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.componentComponent': '36',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
};

export async function layout(elk: ELK, model: Model, direction: Direction, measure: Measure): Promise<Layout> {
  const texts = new Map(model.nodes.map((node) => [node.id, fitted(node, measure)]));
  const root = (await elk.layout(input(model, direction, measure, texts))) as ElkNode;
  return output(root, model, texts);
}

interface Texts {
  name: string;
  detail: string;
  width: number;
  height: number;
}

function fitted(node: ModelNode, measure: Measure): Texts {
  const name = shortened(node.name, NAME_SIZE, true, measure);
  const detail = shortened(node.detail, DETAIL_SIZE, false, measure);
  const text = Math.max(measure(name, NAME_SIZE, true), measure(detail, DETAIL_SIZE, false));
  const slope = node.shape === 'condition' ? 2 * SLOPE : 0;
  return {
    name,
    detail,
    width: Math.ceil(Math.max(NARROWEST, TEXT_LEFT + text + TEXT_RIGHT + slope)),
    height: detail === '' ? HEIGHT_OF_ONE : HEIGHT_OF_TWO,
  };
}

/** What fits of a text, with an ellipsis where something is left out. */
function shortened(text: string, size: number, bold: boolean, measure: Measure): string {
  if (measure(text, size, bold) <= WIDEST_TEXT) return text;
  const characters = Array.from(text);
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(`${characters.slice(0, middle).join('')}…`, size, bold) <= WIDEST_TEXT) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join('').trimEnd()}…`;
}

function input(model: Model, direction: Direction, measure: Measure, texts: Map<string, Texts>): ElkNode {
  const groups = new Map<string, ElkNode>(
    model.groups.map((group) => [
      group.id,
      {
        id: `group:${group.id}`,
        children: [],
        layoutOptions: {
          ...SPACING,
          'elk.padding': `[top=${GROUP_TITLE + 8},left=${GROUP_PADDING},bottom=${GROUP_PADDING},right=${GROUP_PADDING}]`,
          // Wide enough for the title; a label of its own would push aside what is in the group.
          'elk.nodeSize.constraints': 'MINIMUM_SIZE',
          'elk.nodeSize.minimum': `(${Math.ceil(measure(title(group), LABEL_SIZE, true)) + 28}, ${GROUP_TITLE + 30})`,
        },
      },
    ]),
  );
  const root: ElkNode = { id: 'root', children: [], edges: [], layoutOptions: options(direction) };
  const inside = (id: string | undefined) => (id === undefined ? root : (groups.get(id) ?? root)).children ?? [];
  for (const group of model.groups) {
    const own = groups.get(group.id);
    if (own) root.children?.push(own);
  }
  for (const node of model.nodes) {
    const { width, height } = texts.get(node.id) ?? { width: NARROWEST, height: HEIGHT_OF_ONE };
    inside(node.group).push({ id: `node:${node.id}`, width, height });
  }
  root.edges = model.edges.map((edge): ElkExtendedEdge => {
    const labels: ElkLabel[] = edge.label
      ? [{ text: edge.label, width: Math.ceil(measure(edge.label, LABEL_SIZE, false)) + 8, height: LABEL_SIZE + 5 }]
      : [];
    return { id: edge.id, sources: [`node:${edge.from}`], targets: [`node:${edge.to}`], labels };
  });
  return root;
}

function options(direction: Direction): Record<string, string> {
  return {
    'elk.algorithm': 'layered',
    'elk.direction': direction === 'down' ? 'DOWN' : 'RIGHT',
    'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
    'elk.edgeRouting': 'ORTHOGONAL',
    'elk.padding': '[top=16,left=16,bottom=16,right=16]',
    ...SPACING,
    'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    // What is declared first stands first, so that the picture stays while one types.
    'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    'elk.edgeLabels.placement': 'CENTER',
    'org.eclipse.elk.json.shapeCoords': 'ROOT',
    'org.eclipse.elk.json.edgeCoords': 'ROOT',
  };
}

function output(root: ElkNode, model: Model, texts: Map<string, Texts>): Layout {
  const nodes = new Map(model.nodes.map((node) => [`node:${node.id}`, node]));
  const groups = new Map(model.groups.map((group) => [`group:${group.id}`, group]));
  const edges = new Map(model.edges.map((edge) => [edge.id, edge]));
  const found: Layout = { width: root.width ?? 0, height: root.height ?? 0, nodes: [], groups: [], edges: [] };
  const visit = (at: ElkNode): void => {
    for (const child of at.children ?? []) {
      const box = { x: child.x ?? 0, y: child.y ?? 0, width: child.width ?? 0, height: child.height ?? 0 };
      const node = nodes.get(child.id);
      const group = groups.get(child.id);
      if (node) {
        const { name, detail } = texts.get(node.id) ?? { name: node.name, detail: node.detail };
        found.nodes.push({ node, name, detail, ...box });
      }
      if (group) found.groups.push({ group, ...box });
      visit(child);
    }
    for (const drawn of at.edges ?? []) {
      const edge = edges.get(drawn.id);
      if (edge) found.edges.push(placed(edge, drawn));
    }
  };
  visit(root);
  return found;
}

function placed(edge: ModelEdge, drawn: ElkExtendedEdge): PlacedEdge {
  const points = (drawn.sections ?? []).flatMap((section) => [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]);
  const label = drawn.labels?.[0];
  return {
    edge,
    points: points.map(({ x, y }) => ({ x, y })),
    label: label && { text: edge.label, x: label.x ?? 0, y: label.y ?? 0, width: label.width ?? 0, height: label.height ?? 0 },
  };
}

export function title(group: ModelGroup): string {
  return group.engine && group.engine !== group.name ? `${group.name} · ${group.engine}` : group.name;
}
