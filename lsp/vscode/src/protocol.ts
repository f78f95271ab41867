// What `mlflow-lsp` understands beyond the protocol of all language servers. Types alone, as the server writes them.

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Location {
  uri: string;
  range: Range;
}

export interface OfDocument {
  textDocument: { uri: string };
}

export interface AtPosition extends OfDocument {
  position: Position;
}

export const GRAPH = 'mlflow/graph';
export const GENERATED = 'mlflow/generated';
export const GO_TO_GENERATED = 'mlflow/goToGenerated';
export const GO_TO_SOURCE = 'mlflow/goToSource';
export const STANDARD_LIBRARY = 'mlflow/standardLibrary';
export const STATUS = 'mlflow/status';

export interface GraphReply {
  nodes: GraphNode[];
  edges: GraphEdge[];
  groups: GraphGroup[];
}

export interface GraphNode {
  id: string;
  name: string;
  /** The kind of a step. */
  kind: string;
  /** The word it was declared with. */
  role: string;
  engine: string;
  shape: 'step' | 'condition' | 'each' | 'fail';
  /** The condition or loop around it. */
  parent: string | null;
  /** The whole declaration. */
  range: Range;
  /** Its name, or the word where it has none. */
  selectionRange: Range;
  diagnostics: GraphFinding[];
}

export interface GraphFinding {
  severity: number;
  message: string;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** Which branch, or that it is an order without data; empty elsewhere. */
  label: string;
}

export interface GraphGroup {
  id: string;
  name: string;
  engine: string;
  range: Range;
  /** What stands in it. */
  nodes: string[];
}

export interface GeneratedReply {
  files: GeneratedFile[];
}

export interface GeneratedFile {
  path: string;
  language: string;
  text: string;
}

export interface GeneratedPlace {
  path: string;
  range: Range;
}

export interface StatusParameters {
  state: 'starting' | 'busy' | 'ready' | string;
  errors: number;
  warnings: number;
}
