import type { State } from "#app/_ui/theme/palette.ts";
import type { FlowNode } from "#server/features/flows/schema.ts";
import { portsOf, runKey, type DrawnNode, type Drawing } from "../flows/graph/drawing.ts";
import type { Marks, NodeMark, WireMark } from "../flows/graph/marks.ts";
import { subflowOf } from "../flows/graph/node-kind.ts";
import { trafficKey, type FlowLog, type NodeTally } from "./flow-log.ts";

export interface MarkWords {
  queued: string;
  running: string;
  waiting: string;
  failed: string;
  dropped: string;
  done: string;
  times: (n: number) => string;
  duration: (ms: number) => string;
}

/** What a run did, upon the part of the flow that is drawn. `path`: ids of the instances around it. */
export function flowMarks(
  log: FlowLog,
  drawing: Drawing,
  nodes: readonly FlowNode[],
  path: readonly string[],
  words: MarkWords,
): Marks {
  const waiting = new Set(
    log.waits.flatMap(({ step, to }) => (step !== null && to === null ? (log.steps[step - 1]?.node ?? []) : [])),
  );
  const nodeMarks = new Map<string, NodeMark>();
  for (const node of drawing.nodes) {
    if (node.form === "entry") continue;
    const mark = nodeMark(tallyAt(log, node), isWaiting(waiting, node), words);
    if (mark) nodeMarks.set(node.id, mark);
  }
  return { nodes: nodeMarks, wires: wireMarks(log, drawing, nodes, path) };
}

const within = (key: string) => `${key}-`;

/** Of a subflow's instance: of all the nodes in it, and how often messages came to it. */
function tallyAt(log: FlowLog, node: DrawnNode): NodeTally | undefined {
  const own = log.nodes.get(node.key);
  if (!node.subflow) return own;
  const inside = [...log.nodes].filter(([key]) => key.startsWith(within(node.key))).map(([, tally]) => tally);
  const first = inside[0];
  if (!first) return own;
  const sum = (of: (tally: NodeTally) => number) => inside.reduce((total, tally) => total + of(tally), 0);
  return {
    // as often as its first node, where the arrival itself is no step
    count: own?.count ?? Math.max(...inside.map(({ count }) => count)),
    queued: sum(({ queued }) => queued),
    running: sum(({ running }) => running),
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    dropped: sum(({ dropped }) => dropped),
    steps: inside.flatMap(({ steps }) => steps).toSorted((a, b) => a - b),
    totalMs: sum(({ totalMs }) => totalMs),
    status: own?.status ?? null,
  };
}

const isWaiting = (waiting: ReadonlySet<string>, { key, subflow }: DrawnNode): boolean =>
  waiting.has(key) || (subflow !== null && [...waiting].some((one) => one.startsWith(within(key))));

function nodeMark(tally: NodeTally | undefined, waits: boolean, words: MarkWords): NodeMark | undefined {
  if (!tally || tally.count === 0) return tally?.status ? { state: "idle", word: tally.status.text } : undefined;
  const [state, word] = stateOf(tally, waits, words);
  const times = tally.count > 1 ? words.times(tally.count) : "";
  const ended = tally.done + tally.failed;
  // the mean of many says little, and takes room that the wires need
  const took = tally.count === 1 && ended === 1 && state !== "running" ? words.duration(tally.totalMs) : "";
  return {
    state,
    word: [word, times].filter(Boolean).join(" "),
    // who waits for an answer says so itself, in its own words
    detail: state === "waiting" ? undefined : tally.status?.text || took || undefined,
  };
}

function stateOf(tally: NodeTally, waits: boolean, words: MarkWords): [State, string] {
  if (waits) return ["waiting", words.waiting];
  if (tally.running > 0) return ["running", words.running];
  if (tally.failed > 0) return ["fault", words.failed];
  if (tally.queued > 0) return ["waiting", words.queued];
  if (tally.done === 0 && tally.dropped > 0) return ["idle", words.dropped];
  return ["ok", words.done];
}

function wireMarks(
  log: FlowLog,
  drawing: Drawing,
  nodes: readonly FlowNode[],
  path: readonly string[],
): Map<string, WireMark> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const drawn = new Map(drawing.nodes.map((node) => [node.id, node]));
  const marks = new Map<string, WireMark>();
  const here = path.length > 0 ? within(path.join("-")) : "";

  for (const wire of drawing.wires) {
    const from = drawn.get(wire.from);
    const to = drawn.get(wire.to);
    if (!from || !to) continue;
    let count = 0;
    let open = 0;
    const add = (
      traffic: Map<string, { count: number; open: number }> | undefined,
      reaches: (key: string) => boolean,
    ) => {
      for (const [target, one] of traffic ?? []) {
        if (!reaches(target)) continue;
        count += one.count;
        open += one.open;
      }
    };
    const reaches =
      to.form === "entry"
        ? (key: string) => !key.startsWith(here)
        : to.subflow
          ? (key: string) => key === to.key || key.startsWith(within(to.key))
          : (key: string) => key === to.key;
    if (from.form === "entry") {
      // into the subflow: whatever comes to the node from outside
      for (const [key, traffic] of log.traffic) if (!key.startsWith(here)) add(traffic, reaches);
    } else for (const key of sendersOf(byId, from.id, path, wire.port)) add(log.traffic.get(key), reaches);
    if (count > 0) marks.set(wire.id, { count, live: open > 0 });
  }
  return marks;
}

/** Which outputs within a run stand behind an output of the drawing: of an instance those that its subflow leads out. */
function sendersOf(
  byId: ReadonlyMap<string, FlowNode>,
  id: string,
  path: readonly string[],
  port: number,
  depth = 0,
): string[] {
  const node = byId.get(id);
  const subflow = node && byId.get(subflowOf(node.type) ?? "");
  if (!subflow || depth > 10) return [trafficKey(runKey(path, id), port)];
  return (portsOf(subflow, "out")[port]?.wires ?? []).flatMap((wire) =>
    sendersOf(byId, wire.id, [...path, id], wire.port, depth + 1),
  );
}
