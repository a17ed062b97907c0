import type { StepRecord } from "#server/engine/contract.ts";

type Open = Pick<StepRecord, "seq" | "node" | "type" | "name" | "state">;

/** Nodes that keep a message without working on it; they go on when others come. */
const HOLDING = new Set(["join", "batch", "sort", "csv", "link call", "osf-context"]);
/** Nodes that execute what their author wrote. */
const CODE = new Set(["function", "osf-ts"]);

/** What of a run is not done, as far as it was recorded. */
export class OpenSteps {
  readonly #open = new Map<number, Open>();

  apply(steps: readonly StepRecord[]): void {
    for (const { seq, node, type, name, state } of steps)
      if (state === "queued" || state === "running")
        this.#open.set(seq, { seq, node, type, state, ...(name === undefined ? {} : { name }) });
      else this.#open.delete(seq);
  }

  /** Whether nothing is under way but these steps and what waits for others. */
  onlyWaits(steps: ReadonlySet<number>): boolean {
    for (const { seq, type, state } of this.#open.values())
      if (!steps.has(seq) && !(state === "running" && HOLDING.has(type))) return false;
    return true;
  }

  /** What was probably at work when the process ended: code first, then what was begun last. */
  suspect(): Pick<Open, "node" | "type" | "name"> | undefined {
    const all = [...this.#open.values()];
    const running = all.filter(({ state, type }) => state === "running" && !HOLDING.has(type));
    return (
      running.findLast(({ type }) => CODE.has(type)) ??
      all.findLast(({ type }) => CODE.has(type)) ??
      running.at(-1) ??
      all.at(-1)
    );
  }
}
