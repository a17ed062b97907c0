import type { State } from "#app/_ui/theme/palette.ts";

/** What a run did at a node, as the graph shows it under the node. */
export interface NodeMark {
  state: State;
  /** "Running", "Done 3 × · 12 ms", "Failed". */
  word: string;
  /** What the node says of itself or why it failed. */
  detail?: string | undefined;
}

/** How many messages went over a wire, and whether one is on it now. */
export interface WireMark {
  count: number;
  live: boolean;
}

export interface Marks {
  /** By the node's id in the drawing. */
  nodes: ReadonlyMap<string, NodeMark>;
  /** By the wire's id in the drawing. */
  wires: ReadonlyMap<string, WireMark>;
}

export const NO_MARKS: Marks = { nodes: new Map(), wires: new Map() };
