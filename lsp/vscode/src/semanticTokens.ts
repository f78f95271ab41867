// Semantic tokens without those that the grammar of the colours knows better: it tells words that branch from words that
// declare, and sees what stands inside of a text. Pure: numbers in, numbers out.

/** What is left to the grammar. */
const LEFT_OUT = new Set(['keyword', 'string', 'number', 'comment', 'operator']);

/** Five numbers a token, as the protocol has them: lines and columns are relative to the token before. */
export function onlyNames(data: Uint32Array, types: readonly string[]): Uint32Array {
  const kept: number[] = [];
  let line = 0;
  let column = 0;
  let lastLine = 0;
  let lastColumn = 0;
  for (let at = 0; at + 4 < data.length; at += 5) {
    const down = data[at] ?? 0;
    line += down;
    column = (down === 0 ? column : 0) + (data[at + 1] ?? 0);
    const type = data[at + 3] ?? 0;
    if (LEFT_OUT.has(types[type] ?? '')) continue;
    kept.push(line - lastLine, line === lastLine ? column - lastColumn : column, data[at + 2] ?? 0, type, data[at + 4] ?? 0);
    lastLine = line;
    lastColumn = column;
  }
  return Uint32Array.from(kept);
}
