// The frame of the page with the graph: its HTML and how it looks. What happens in it is `main.ts`.

export interface Addresses {
  script: string;
  source: string;
  nonce: string;
}

const STYLE = `
html, body { height: 100%; margin: 0; padding: 0; overflow: hidden; background: var(--vscode-editor-background); color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); }
#stage { position: absolute; inset: 0; overflow: hidden; cursor: grab; touch-action: none; user-select: none; }
#stage.dragging { cursor: grabbing; }
#canvas { position: absolute; left: 0; top: 0; transform-origin: 0 0; }
#canvas svg { display: block; overflow: visible; }
.node { cursor: pointer; outline: none; }
.node:hover .box { stroke-opacity: 1; }
.node:focus-visible .box { stroke: var(--vscode-focusBorder); stroke-opacity: 1; stroke-width: 2.4; }
#nothing { position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; padding: 2em; text-align: center; color: var(--vscode-descriptionForeground); }
#nothing[hidden], #stage[hidden] { display: none; }
#tools { position: absolute; right: 12px; top: 10px; display: flex; gap: 2px; padding: 3px; border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); border-radius: 6px; background: var(--vscode-editorWidget-background); box-shadow: 0 1px 4px var(--vscode-widget-shadow, transparent); }
#tools button { min-width: 26px; height: 24px; padding: 0 6px; border: 0; border-radius: 4px; background: none; color: var(--vscode-editorWidget-foreground, var(--vscode-editor-foreground)); font: inherit; font-size: 11px; cursor: pointer; }
#tools button:hover { background: var(--vscode-toolbar-hoverBackground); }
#tools button:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
#tools svg { width: 14px; height: 14px; vertical-align: middle; fill: none; stroke: currentColor; stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }
`;

function icon(path: string): string {
  return `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
}

export function html({ script, source, nonce }: Addresses): string {
  // Pictures are data: the PNG is drawn from the SVG.
  const policy = `default-src 'none'; img-src data:; style-src ${source} 'unsafe-inline'; script-src 'nonce-${nonce}'; font-src ${source}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${STYLE}</style>
<title>Graph</title>
</head>
<body>
<div id="stage" hidden><div id="canvas"></div></div>
<div id="nothing">Waiting for the language server …</div>
<div id="tools" role="toolbar" aria-label="Graph">
<button id="smaller" title="Smaller (-)" aria-label="Smaller">${icon('M3 8h10')}</button>
<button id="larger" title="Larger (+)" aria-label="Larger">${icon('M3 8h10M8 3v10')}</button>
<button id="fit" title="Show all (0)" aria-label="Show all">${icon('M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4')}</button>
<button id="direction" title="Turn" aria-label="Turn">${icon('M3 3v7a3 3 0 0 0 3 3h7M10 10l3 3-3 3')}</button>
<button id="svg" title="Export as SVG">SVG</button>
<button id="png" title="Export as PNG">PNG</button>
</div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
