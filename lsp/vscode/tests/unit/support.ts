// What several unit tests need.
import path from 'node:path';

/** The root of the repository: tests are run in `lsp/vscode`. */
export const ROOT = path.resolve('../..');

/** Texts as wide as in a common font, near enough for a layout. */
export function measure(text: string, size: number, bold: boolean): number {
  return Array.from(text).length * size * (bold ? 0.6 : 0.55);
}
