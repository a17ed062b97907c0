import type { StepRecord } from "#server/engine/contract.ts";

interface Left {
  /** Messages over wires. */
  wires: number;
  /** Messages to catch, status, complete and link nodes, by the node that got them. */
  others: Map<string, number>;
}

/**
 * What a run that is gone on with has sent already. A step that is executed again sends the same in the same order, a
 * stateful node the same for all its steps, so the k-th message of either is the k-th that is recorded: it is not sent
 * again. What comes beyond is new.
 */
export class Expected {
  readonly #steps = new Map<number, Left>();
  readonly #nodes = new Map<string, Left>();

  constructor(records: readonly StepRecord[], isStateful: (node: string) => boolean) {
    const nodeOf = new Map(records.map(({ seq, node }) => [seq, node]));
    for (const record of records) {
      if (record.from === null) continue;
      const sender = nodeOf.get(record.from);
      if (sender === undefined) continue;
      const left = isStateful(sender) ? at(this.#nodes, sender) : at(this.#steps, record.from);
      if (record.port === -1) left.others.set(record.node, (left.others.get(record.node) ?? 0) + 1);
      else left.wires++;
    }
  }

  /** Whether the message that is being sent is a recorded one; if so it is ticked off. */
  takes(from: { node: string; seq: number } | null, stateful: boolean, wire: boolean, target: string): boolean {
    if (!from) return false;
    const left = stateful ? this.#nodes.get(from.node) : this.#steps.get(from.seq);
    if (!left) return false;
    if (wire) {
      if (left.wires === 0) return false;
      left.wires--;
      return true;
    }
    const count = left.others.get(target) ?? 0;
    if (count === 0) return false;
    left.others.set(target, count - 1);
    return true;
  }
}

function at<K>(map: Map<K, Left>, key: K): Left {
  let left = map.get(key);
  if (!left) map.set(key, (left = { wires: 0, others: new Map() }));
  return left;
}
