import { fork, type ChildProcess } from "node:child_process";
import path from "node:path";
import type { NodeDef, RunLimits } from "#server/engine/contract.ts";
import { restore, snapshot } from "#server/engine/snapshot.ts";
import type { TestAnswer, TestRun } from "#server/engine/isolate/test-host.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const FLAGS = [
  "--no-node-snapshot",
  "--permission",
  "--allow-addons",
  "--allow-worker",
  ...["node_modules", "nodered-nodes", "package.json", "server/engine", "server/kernel", "/etc/alpine-release"].map(
    (name) => `--allow-fs-read=${path.resolve(ROOT, name)}`,
  ),
];

export interface Outcome extends TestAnswer {
  /** Messages that reached the node `out`, in order. */
  out: Record<string, unknown>[];
  /** What the run failed with. */
  failure: { code: string; message: string } | undefined;
  /** Texts of the run's log, with level. */
  log: string[];
}

/** A flow: `in` → function `f` → `out`, and further nodes. */
export function functionFlow(func: string, config: object = {}, more: object[] = []): NodeDef[] {
  const place = { z: "tab", x: 1, y: 1 };
  const nodes = [
    { id: "tab", type: "tab", label: "Tab" },
    { ...place, id: "in", type: "inject", wires: [["f"]] },
    { ...place, id: "f", type: "function", name: "my function", func, outputs: 1, wires: [["out"]], ...config },
    { ...place, id: "out", type: "debug", active: false, complete: "true", wires: [] },
    ...more.map((node) => ({ ...place, wires: [], ...node })),
  ];
  return nodes as NodeDef[]; // what tests give is flow JSON
}

export interface TestProcess {
  /** Executes a flow, or (`graph`) one that was given before. Rejects when the process dies. */
  run(
    nodes: NodeDef[] | string,
    msg?: Record<string, unknown>,
    options?: { runId?: string; node?: string; resume?: boolean; graph?: string },
  ): Promise<Outcome>;
  /** Of the graph that `run` made last. */
  readonly lastGraph: string;
  /** Resolves when it has ended: exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly memoryMb: () => Promise<number>;
  kill(): void;
}

export async function startProcess(limits: Partial<RunLimits> = {}): Promise<TestProcess> {
  const child = fork(
    path.join(import.meta.dirname, "test-host.ts"),
    [JSON.stringify(limits), path.join(ROOT, "nodered-nodes/node-red-contrib-osf")],
    {
      execArgv: FLAGS,
      env: { NODE_ENV: "test" },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    },
  );
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    void ended.then((how) => reject(new Error(`The process ended with ${how}: ${said}`)));
  });
  return driver(child, ended);
}

function driver(child: ChildProcess, ended: TestProcess["ended"]): TestProcess {
  const open = new Map<number, (answer: TestAnswer) => void>();
  let count = 0;
  let lastGraph = "";
  child.on("message", (answer: TestAnswer) => {
    open.get(answer.id)?.(answer);
    open.delete(answer.id);
  });
  return {
    get lastGraph() {
      return lastGraph;
    },
    ended,
    async run(nodes, msg = { payload: 1 }, { runId, node = "in", resume = false } = {}) {
      const id = ++count;
      lastGraph = typeof nodes === "string" ? nodes : `graph-${id}`;
      const request: TestRun = {
        id,
        runId: runId ?? `run-${id}`,
        graph: lastGraph,
        node,
        msg: snapshot(msg),
        resume,
        ...(typeof nodes !== "string" && { nodes }),
      };
      const answer = await new Promise<TestAnswer>((resolve, reject) => {
        open.set(id, resolve);
        void ended.then((how) => reject(new Error(`The process ended with ${how}`)));
        child.send(request);
      });
      return outcomeOf(answer);
    },
    memoryMb: async () => {
      const { readFile } = await import("node:fs/promises");
      const pages = (await readFile(`/proc/${child.pid}/statm`, "utf8")).split(" ")[1];
      return (Number(pages) * 4096) / 1e6;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

function outcomeOf(answer: TestAnswer): Outcome {
  const arrived = answer.steps.filter(({ node }) => node === "out").toSorted((a, b) => a.seq - b.seq);
  const { ended } = answer;
  return {
    ...answer,
    // The casts: only messages arrive at a node, and `log` events hold texts.
    out: arrived.map(({ msg }) => restore(msg ?? "null") as Record<string, unknown>),
    failure: ended?.status === "failed" ? ended.error : undefined,
    log: answer.events
      .filter(({ type }) => type === "log")
      .map(({ data }) => `${String(data["level"])}: ${String(data["message"])}`),
  };
}
