// What the extension and the page of the graph tell each other.

import type { Direction } from './layout';
import type { Model } from './model';

export type ToPage =
  | { type: 'graph'; model: Model; direction: Direction; file: string }
  /** Nothing to draw, and why. */
  | { type: 'nothing'; text: string }
  | { type: 'current'; id: string | undefined }
  | { type: 'export'; format: Format };

export type ToExtension =
  | { type: 'ready' }
  | { type: 'open'; id: string }
  | { type: 'direction'; direction: Direction }
  /** A drawing, as text for SVG and as base64 for PNG. */
  | { type: 'save'; format: Format; data: string }
  | { type: 'failed'; text: string };

export type Format = 'svg' | 'png';
