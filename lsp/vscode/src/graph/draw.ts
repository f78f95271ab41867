// A laid-out graph as SVG. Pure text; the colours come in, so that a page uses those of the theme and a file real ones.

import { DETAIL_SIZE, LABEL_SIZE, NAME_SIZE, SLOPE, TEXT_LEFT, title, type Layout, type PlacedEdge, type PlacedGroup, type PlacedNode } from './layout';
import { look, type Hue } from './signs';

export interface Palette {
  font: string;
  background: string;
  node: string;
  text: string;
  faint: string;
  line: string;
  group: string;
  current: string;
  error: string;
  warning: string;
  hues: Record<Hue, string>;
}

/** The colours of the theme, as a page of VS Code knows them. */
export const THEME: Palette = {
  font: 'var(--vscode-font-family, sans-serif)',
  background: 'var(--vscode-editor-background, #ffffff)',
  node: 'var(--vscode-editorWidget-background, #f3f3f3)',
  text: 'var(--vscode-editor-foreground, #222222)',
  faint: 'var(--vscode-descriptionForeground, #666666)',
  line: 'var(--vscode-editorLineNumber-foreground, #888888)',
  group: 'var(--vscode-charts-lines, #88888880)',
  current: 'var(--vscode-focusBorder, #0078d4)',
  error: 'var(--vscode-editorError-foreground, #e51400)',
  warning: 'var(--vscode-editorWarning-foreground, #bf8803)',
  hues: {
    blue: 'var(--vscode-charts-blue, #1a85ff)',
    purple: 'var(--vscode-charts-purple, #652d90)',
    green: 'var(--vscode-charts-green, #388a34)',
    orange: 'var(--vscode-charts-orange, #d18616)',
    yellow: 'var(--vscode-charts-yellow, #bf8803)',
    red: 'var(--vscode-charts-red, #e51400)',
    plain: 'var(--vscode-descriptionForeground, #666666)',
  },
};

const ROUND = 7;

export function draw(layout: Layout, palette: Palette): string {
  const width = Math.ceil(layout.width);
  const height = Math.ceil(layout.height);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${style(palette)}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">',
    '<path d="M0.5 0.8 7.5 4 0.5 7.2z" class="tip"/></marker></defs>',
    ...layout.groups.map(group),
    ...layout.edges.map(edge),
    ...layout.nodes.map(node),
    '</svg>',
  ].join('');
}

function style(palette: Palette): string {
  const hues = Object.entries(palette.hues).map(
    ([name, value]) => `.hue-${name} .stripe{fill:${value}}.hue-${name} .sign{stroke:${value}}`,
  );
  return [
    `text{font-family:${palette.font};dominant-baseline:central}`,
    `.name{font-size:${NAME_SIZE}px;font-weight:600;fill:${palette.text}}`,
    `.detail{font-size:${DETAIL_SIZE}px;fill:${palette.faint}}`,
    `.box{fill:${palette.node};stroke:${palette.line};stroke-opacity:.55}`,
    '.sign{fill:none;stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}',
    `.error .box{stroke:${palette.error};stroke-opacity:1;stroke-width:1.6}`,
    `.warning .box{stroke:${palette.warning};stroke-opacity:1;stroke-width:1.6}`,
    `.error .badge{fill:${palette.error}}.warning .badge{fill:${palette.warning}}`,
    `.badge-text{fill:${palette.background};font-size:10px;font-weight:700;text-anchor:middle}`,
    `.current .box{stroke:${palette.current};stroke-opacity:1;stroke-width:2.4;stroke-dasharray:none}`,
    `.edge{fill:none;stroke:${palette.line};stroke-width:1.3}`,
    '.edge.dashed{stroke-dasharray:5 4}',
    `.tip{fill:${palette.line}}`,
    `.label-box{fill:${palette.background}}`,
    `.label{font-size:${LABEL_SIZE}px;fill:${palette.faint};text-anchor:middle}`,
    `.group{fill:${palette.group};fill-opacity:.07;stroke:${palette.group};stroke-opacity:.8}`,
    `.group-title{font-size:${LABEL_SIZE}px;font-weight:600;fill:${palette.faint}}`,
    ...hues,
  ].join('');
}

function group({ group: of, x, y, width, height }: PlacedGroup): string {
  return (
    `<g data-group="${escape(of.id)}"><rect class="group" x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/>` +
    `<text class="group-title" x="${x + 14}" y="${y + 18}">${escape(title(of))}</text></g>`
  );
}

function node({ node: of, name, detail, x, y, width, height }: PlacedNode): string {
  const { hue, sign } = look(of.role);
  const left = of.shape === 'condition' ? SLOPE : 0;
  const spoken = [of.role, of.name, of.detail, ...of.findings].filter((text) => text !== '').join(', ');
  const hover = [`${of.role} ${of.name}`, of.detail, of.engine && `engine: ${of.engine}`, ...of.findings];
  const middle = height / 2;
  const lines = detail
    ? `<text class="name" x="${left + TEXT_LEFT}" y="${middle - 8}">${escape(name)}</text>` +
      `<text class="detail" x="${left + TEXT_LEFT}" y="${middle + 9}">${escape(detail)}</text>`
    : `<text class="name" x="${left + TEXT_LEFT}" y="${middle}">${escape(name)}</text>`;
  const badge = of.severity
    ? `<circle class="badge" cx="${width - 2}" cy="2" r="7.5"/><text class="badge-text" x="${width - 2}" y="2.5">${of.findings.length > 1 ? of.findings.length : '!'}</text>`
    : '';
  return (
    `<g class="node ${of.shape} hue-${hue}${of.severity ? ` ${of.severity}` : ''}" data-id="${escape(of.id)}" data-name="${escape(of.name)}" ` +
    `transform="translate(${x} ${y})" tabindex="0" role="button" aria-label="${escape(spoken)}">` +
    `<title>${escape(hover.filter((text) => text !== '').join('\n'))}</title>` +
    `<path class="box" d="${outline(of.shape, width, height)}"/>` +
    (of.shape === 'condition' || of.shape === 'fail' ? '' : `<rect class="stripe" x="0.5" y="7" width="3" height="${height - 14}" rx="1.5"/>`) +
    `<path class="sign" transform="translate(${left + 13} ${middle - 8})" d="${sign}"/>${lines}${badge}</g>`
  );
}

function outline(shape: string, width: number, height: number): string {
  if (shape === 'condition') {
    const middle = height / 2;
    return `M${SLOPE} 0H${width - SLOPE}L${width} ${middle} ${width - SLOPE} ${height}H${SLOPE}L0 ${middle}Z`;
  }
  const r = shape === 'fail' ? 2 : ROUND;
  return `M${r} 0H${width - r}Q${width} 0 ${width} ${r}V${height - r}Q${width} ${height} ${width - r} ${height}H${r}Q0 ${height} 0 ${height - r}V${r}Q0 0 ${r} 0Z`;
}

function edge({ edge: of, points, label }: PlacedEdge): string {
  const line = `<path class="edge${of.dashed ? ' dashed' : ''}" d="${rounded(points)}" marker-end="url(#arrow)"/>`;
  const text = label
    ? `<rect class="label-box" x="${label.x}" y="${label.y}" width="${label.width}" height="${label.height}" rx="3"/>` +
      `<text class="label" x="${label.x + label.width / 2}" y="${label.y + label.height / 2}">${escape(label.text)}</text>`
    : '';
  return `<g data-from="${escape(of.from)}" data-to="${escape(of.to)}">${line}${text}</g>`;
}

/** A line through points whose corners are round. */
function rounded(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  rest.forEach((corner, index) => {
    const before = points[index] ?? first;
    const after = rest[index + 1];
    if (!after) {
      path += `L${corner.x} ${corner.y}`;
      return;
    }
    const start = towards(corner, before);
    const end = towards(corner, after);
    path += `L${start.x} ${start.y}Q${corner.x} ${corner.y} ${end.x} ${end.y}`;
  });
  return path;
}

function towards(from: { x: number; y: number }, to: { x: number; y: number }): { x: number; y: number } {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  const part = Math.min(ROUND, length / 2) / length;
  return { x: round(from.x + (to.x - from.x) * part), y: round(from.y + (to.y - from.y) * part) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
