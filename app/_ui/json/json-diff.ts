/** One difference between two values: what stands at a path on the one side and the other. */
export interface JsonChange {
  /** `payload.items[2].name`; "" is the value itself. */
  path: string;
  kind: "added" | "removed" | "changed";
  before?: unknown;
  after?: unknown;
}

/** Beyond this many nobody reads on, and a comparison of large messages must not stall the page. */
export const MOST_CHANGES = 500;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const join = (path: string, key: string) =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? (path ? `${path}.${key}` : key) : `${path}[${JSON.stringify(key)}]`;

/** What is different in `after`, in the order of its keys; `MOST_CHANGES` at most. Lists are compared place by place. */
export function jsonDiff(before: unknown, after: unknown): JsonChange[] {
  const changes: JsonChange[] = [];
  const add = (change: JsonChange) => changes.length < MOST_CHANGES && changes.push(change);

  const compare = (path: string, one: unknown, other: unknown): void => {
    if (Object.is(one, other) || changes.length >= MOST_CHANGES) return;
    if (isObject(one) && isObject(other)) {
      for (const key of Object.keys(other))
        if (Object.hasOwn(one, key)) compare(join(path, key), one[key], other[key]);
        else add({ path: join(path, key), kind: "added", after: other[key] });
      for (const key of Object.keys(one))
        if (!Object.hasOwn(other, key)) add({ path: join(path, key), kind: "removed", before: one[key] });
    } else if (Array.isArray(one) && Array.isArray(other)) {
      for (let i = 0; i < Math.max(one.length, other.length); i++) {
        const at = `${path}[${i}]`;
        if (i >= one.length) add({ path: at, kind: "added", after: other[i] });
        else if (i >= other.length) add({ path: at, kind: "removed", before: one[i] });
        else compare(at, one[i], other[i]);
      }
    } else add({ path, kind: "changed", before: one, after: other });
  };
  compare("", before, after);
  return changes;
}
