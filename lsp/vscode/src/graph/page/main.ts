// The page with the graph: lays out, draws, pans, zooms, and tells the extension what was clicked.

import ELK from 'elkjs/lib/elk.bundled.js';
import { draw, THEME, type Palette } from '../draw';
import { layout, type Direction, type Layout } from '../layout';
import type { Format, ToExtension, ToPage } from '../messages';
import type { Model } from '../model';

interface View {
  x: number;
  y: number;
  scale: number;
}

interface Kept {
  file?: string;
  view?: View;
}

const SMALLEST = 0.1;
const LARGEST = 4;
/** Pixels of a PNG for one of the drawing. */
const SHARPNESS = 2;

const vscode = acquireVsCodeApi<Kept>();
const elk = new ELK();
const stage = element('stage');
const canvas = element('canvas');
const nothing = element('nothing');
const directionButton = element('direction');

let shown: { model: Model; layout: Layout; file: string } | undefined;
let direction: Direction = 'down';
let current: string | undefined;
let view: View = { x: 0, y: 0, scale: 1 };
/** Whether a person has moved the drawing: then it stays where it is. */
let isMoved = false;
/** Drawings come one after the other, and only the newest is shown. */
let newest = 0;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

function tell(message: ToExtension): void {
  vscode.postMessage(message);
}

const ruler = document.createElement('canvas').getContext('2d');

function measure(text: string, size: number, bold: boolean): number {
  if (!ruler) return text.length * size * 0.6;
  ruler.font = `${bold ? '600 ' : ''}${size}px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

async function show(model: Model, file: string): Promise<void> {
  const number = ++newest;
  const placed = await layout(elk, model, direction, measure);
  if (number !== newest) return;
  const isOther = shown?.file !== file;
  const focused = (document.activeElement as Element | null)?.getAttribute('data-id');
  shown = { model, layout: placed, file };
  canvas.innerHTML = draw(placed, THEME);
  nothing.hidden = true;
  stage.hidden = false;
  if (isOther) {
    const kept = vscode.getState();
    isMoved = kept?.file === file && kept.view !== undefined;
    if (isMoved && kept?.view) view = kept.view;
  }
  if (isMoved) place();
  else fit();
  mark(false);
  if (focused) nodeElement(focused)?.focus();
  document.body.dataset['state'] = 'drawn';
}

function place(): void {
  canvas.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  if (shown && isMoved) vscode.setState({ file: shown.file, view });
}

/** The whole drawing, but never larger than life. */
function fit(): void {
  if (!shown) return;
  const { width, height } = shown.layout;
  const scale = Math.min(1, stage.clientWidth / Math.max(width, 1), stage.clientHeight / Math.max(height, 1));
  view = {
    scale: Math.max(scale, SMALLEST),
    x: Math.max(0, (stage.clientWidth - width * scale) / 2),
    y: Math.max(0, (stage.clientHeight - height * scale) / 2),
  };
  isMoved = false;
  place();
}

function zoom(factor: number, x = stage.clientWidth / 2, y = stage.clientHeight / 2): void {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor));
  const change = scale / view.scale;
  view = { scale, x: x - (x - view.x) * change, y: y - (y - view.y) * change };
  isMoved = true;
  place();
}

function nodeElement(id: string): SVGGElement | null {
  return canvas.querySelector<SVGGElement>(`.node[data-id="${CSS.escape(id)}"]`);
}

/** Shows which node the cursor stands in, and brings it into the picture. */
function mark(isBrought: boolean): void {
  for (const one of canvas.querySelectorAll('.node.current')) one.classList.remove('current');
  const found = current === undefined ? null : nodeElement(current);
  if (!found) return;
  found.classList.add('current');
  const box = found.getBoundingClientRect();
  const around = stage.getBoundingClientRect();
  const isOutside = box.left < around.left || box.right > around.right || box.top < around.top || box.bottom > around.bottom;
  if (!isBrought || !isOutside) return;
  view = {
    ...view,
    x: view.x + (around.left + around.right - box.left - box.right) / 2,
    y: view.y + (around.top + around.bottom - box.top - box.bottom) / 2,
  };
  place();
}

/** The theme's colours as they are now, for a file that knows no theme. */
function colours(): Palette {
  const probe = document.createElement('span');
  document.body.append(probe);
  const real = (value: string): string => {
    probe.style.color = '';
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const { font, hues, ...rest } = THEME;
  const palette = {
    font: font && getComputedStyle(document.body).fontFamily.replaceAll('"', "'"),
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, real(value)])),
    hues: Object.fromEntries(Object.entries(hues).map(([name, value]) => [name, real(value)])),
  } as Palette;
  probe.remove();
  return palette;
}

async function save(format: Format): Promise<void> {
  if (!shown) return tell({ type: 'failed', text: 'There is no graph to export.' });
  const palette = colours();
  const background = `<rect width="100%" height="100%" fill="${palette.background}"/>`;
  const svg = draw(shown.layout, palette).replace('</style>', `</style>${background}`);
  if (format === 'svg') return tell({ type: 'save', format, data: svg });
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const paper = document.createElement('canvas');
  paper.width = Math.ceil(shown.layout.width * SHARPNESS);
  paper.height = Math.ceil(shown.layout.height * SHARPNESS);
  const pen = paper.getContext('2d');
  if (!pen) return tell({ type: 'failed', text: 'This window cannot draw a PNG. SVG may work.' });
  pen.scale(SHARPNESS, SHARPNESS);
  pen.drawImage(picture, 0, 0, shown.layout.width, shown.layout.height);
  tell({ type: 'save', format, data: paper.toDataURL('image/png').replace(/^data:image\/png;base64,/, '') });
}

function failed(problem: unknown): void {
  tell({ type: 'failed', text: problem instanceof Error ? problem.message : String(problem) });
}

// ---- what the extension says

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case 'graph':
      direction = data.direction;
      directionButton.title = direction === 'down' ? 'Let it grow to the right' : 'Let it grow down';
      show(data.model, data.file).catch(failed);
      break;
    case 'nothing':
      newest += 1;
      shown = undefined;
      canvas.innerHTML = '';
      stage.hidden = true;
      nothing.hidden = false;
      nothing.textContent = data.text;
      document.body.dataset['state'] = 'nothing';
      break;
    case 'current':
      current = data.id;
      mark(true);
      break;
    case 'export':
      save(data.format).catch(failed);
      break;
  }
});

// ---- what a person does

function nodeOf(target: EventTarget | null): string | undefined {
  return (target as Element | null)?.closest?.('.node')?.getAttribute('data-id') ?? undefined;
}

let dragged: { x: number; y: number; isFar: boolean } | undefined;

stage.addEventListener('pointerdown', (event) => {
  if (event.button !== 0) return;
  dragged = { x: event.clientX, y: event.clientY, isFar: false };
});

window.addEventListener('pointermove', (event) => {
  if (!dragged) return;
  const x = event.clientX - dragged.x;
  const y = event.clientY - dragged.y;
  if (!dragged.isFar && Math.hypot(x, y) < 4) return;
  if (!dragged.isFar) stage.setPointerCapture(event.pointerId);
  view = { ...view, x: view.x + x, y: view.y + y };
  dragged = { x: event.clientX, y: event.clientY, isFar: true };
  isMoved = true;
  stage.classList.add('dragging');
  place();
});

window.addEventListener('pointerup', (event) => {
  const was = dragged;
  dragged = undefined;
  stage.classList.remove('dragging');
  if (!was || was.isFar) return;
  const id = nodeOf(event.target);
  if (id !== undefined) tell({ type: 'open', id });
});

stage.addEventListener(
  'wheel',
  (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const box = stage.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
      return;
    }
    view = { ...view, x: view.x - (event.shiftKey ? event.deltaY : event.deltaX), y: view.y - (event.shiftKey ? 0 : event.deltaY) };
    isMoved = true;
    place();
  },
  { passive: false },
);

window.addEventListener('keydown', (event) => {
  const id = nodeOf(event.target);
  if (id !== undefined && (event.key === 'Enter' || event.key === ' ')) tell({ type: 'open', id });
  else if (id !== undefined && event.key.startsWith('Arrow')) neighbour(id, event.key)?.focus();
  else if (event.key === '+' || event.key === '=') zoom(1.2);
  else if (event.key === '-') zoom(1 / 1.2);
  else if (event.key === '0') fit();
  else return;
  event.preventDefault();
});

/** The nearest node in a direction. */
function neighbour(id: string, key: string): SVGGElement | null {
  const from = shown?.layout.nodes.find(({ node }) => node.id === id);
  if (!from || !shown) return null;
  const [x, y] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key] ?? [0, 0];
  let best: { id: string; distance: number } | undefined;
  for (const other of shown.layout.nodes) {
    const right = other.x + other.width / 2 - from.x - from.width / 2;
    const down = other.y + other.height / 2 - from.y - from.height / 2;
    const along = right * (x ?? 0) + down * (y ?? 0);
    if (along <= 1) continue;
    // What lies aside counts as farther away.
    const distance = along + 2 * Math.abs(right * (y ?? 0) + down * (x ?? 0));
    if (!best || distance < best.distance) best = { id: other.node.id, distance };
  }
  return best ? nodeElement(best.id) : null;
}

element('fit').addEventListener('click', fit);
element('larger').addEventListener('click', () => zoom(1.25));
element('smaller').addEventListener('click', () => zoom(1 / 1.25));
directionButton.addEventListener('click', () => tell({ type: 'direction', direction: direction === 'down' ? 'right' : 'down' }));
element('svg').addEventListener('click', () => void save('svg').catch(failed));
element('png').addEventListener('click', () => void save('png').catch(failed));
new ResizeObserver(() => {
  if (!isMoved) fit();
}).observe(stage);

tell({ type: 'ready' });
