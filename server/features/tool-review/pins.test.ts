import { describe, expect, it } from "vitest";
import type { Pinning } from "#server/mcp/definition.ts";
import type { ListedTool } from "#server/mcp/review.ts";
import { definitionHash, listedOnce, pinChanges, verdictsOf, type Pin } from "./pins.ts";

const tool = (name: string, more: object = {}): ListedTool => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  ...more,
});
const pin = (name: string, more: Partial<Pin> = {}): Pin => ({
  tool: name,
  state: "approved",
  hash: definitionHash(tool(name)),
  proposedHash: null,
  class: null,
  approval: null,
  roles: [],
  ...more,
});
const pins = (...all: Pin[]) => new Map(all.map((one) => [one.tool, one]));
const changes = (pinning: Pinning, known: Map<string, Pin>, listed: ListedTool[], whole = true) =>
  pinChanges({ pinning, whole }, known, listedOnce(listed)).map(({ kind, tool }) => `${tool} ${kind}`);

describe("the hash of a definition", () => {
  it("is the same whatever order its members are in, and whatever icons it has", () => {
    const one = tool("a", { annotations: { readOnlyHint: true }, _meta: { x: 1 }, icons: [] });
    const other = { annotations: { readOnlyHint: true }, inputSchema: { type: "object" }, description: "a", name: "a" };
    expect(definitionHash(one)).toBe(definitionHash(other));
  });

  it("differs where name, title, description, a schema or an annotation differs", () => {
    const hashes = [
      tool("a"),
      tool("b"),
      tool("a", { title: "A" }),
      tool("a", { description: "a " }),
      tool("a", { inputSchema: { type: "object", properties: { "x\u202E": {} } } }),
      tool("a", { outputSchema: { type: "object" } }),
      tool("a", { annotations: {} }),
      tool("a", { annotations: { readOnlyHint: true } }),
    ].map(definitionHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("a list", () => {
  it("is taken as it is at first use, later additions wait", () => {
    expect(changes("first-use", pins(), [tool("a"), tool("b")])).toEqual(["a taken", "b taken"]);
    expect(changes("first-use", pins(pin("a")), [tool("a"), tool("b")])).toEqual(["b quarantined"]);
  });

  it("waits altogether where an administrator has to approve, and changes nothing where it is not pinned", () => {
    expect(changes("approve", pins(), [tool("a"), tool("b")])).toEqual(["a quarantined", "b quarantined"]);
    expect(changes("off", pins(pin("a")), [tool("b")])).toEqual([]);
  });

  it("is first used even where something was said of a tool before", () => {
    const rules = pin("a", { hash: null, class: "read" });
    expect(changes("first-use", pins(rules), [tool("a"), tool("b")])).toEqual(["a taken", "b taken"]);
  });

  it("quarantines what has changed, restores what is as it was, notes what is gone", () => {
    const other = tool("a", { description: "now something else" });
    const waiting = pin("a", { state: "quarantined", proposedHash: definitionHash(other) });
    expect(changes("first-use", pins(pin("a")), [other])).toEqual(["a quarantined"]);
    expect(changes("first-use", pins(waiting), [other])).toEqual([]);
    expect(changes("first-use", pins(waiting), [tool("a", { description: "third" })])).toEqual(["a quarantined"]);
    expect(changes("first-use", pins(waiting), [tool("a")])).toEqual(["a restored"]);
    expect(changes("first-use", pins(pin("a"), pin("b")), [tool("a")])).toEqual(["b gone"]);
    expect(changes("first-use", pins(pin("a", { state: "gone" })), [tool("a")])).toEqual(["a restored"]);
    expect(changes("first-use", pins(pin("a", { state: "gone" })), [other])).toEqual(["a quarantined"]);
  });

  it("does not bring back what was rejected, not even after it was away", () => {
    const bad = tool("a", { description: "bad" });
    const rejected = pin("a", { state: "rejected", hash: null, proposedHash: definitionHash(bad) });
    expect(changes("first-use", pins(rejected), [bad])).toEqual([]);
    expect(changes("first-use", pins(rejected), [])).toEqual([]);
    expect(changes("first-use", pins(rejected), [tool("a", { description: "bad!" })])).toEqual(["a quarantined"]);
  });

  it("of one person says nothing of what is gone", () => {
    expect(changes("first-use", pins(pin("a"), pin("b")), [tool("a")], false)).toEqual([]);
  });

  it("counts the first of two tools with one name", () => {
    expect(listedOnce([tool("a"), tool("a", { description: "second" })]).map(({ tool }) => tool.description)).toEqual([
      "a",
    ]);
  });
});

describe("a verdict", () => {
  const judged = (known: Map<string, Pin>, listed: ListedTool[], more: object = {}) =>
    verdictsOf({ pinning: "first-use", policy: {}, ...more }, known, listedOnce(listed));

  it("lets pass exactly what was approved, word for word", () => {
    expect(judged(pins(pin("a")), [tool("a")])).toHaveLength(1);
    expect(judged(pins(pin("a")), [tool("a", { description: "changed since" })])).toEqual([]);
    expect(judged(pins(), [tool("new")])).toEqual([]);
    for (const state of ["quarantined", "rejected", "gone"])
      expect(judged(pins(pin("a", { state })), [tool("a")])).toEqual([]);
  });

  it("without pinning lets pass everything but what was rejected", () => {
    const known = pins(pin("a", { state: "rejected" }), pin("b", { state: "quarantined" }));
    const names = judged(known, [tool("a"), tool("b"), tool("c")], { pinning: "off" }).map(
      ({ definition: { name } }) => name,
    );
    expect(names).toEqual(["b", "c"]);
  });

  it.each([
    [{ readOnlyHint: true }, undefined, "read", false],
    [{ readOnlyHint: true }, "writes", "read", false],
    [{}, undefined, "write", false],
    [{}, "writes", "write", true],
    [{ destructiveHint: true }, undefined, "dangerous", true],
    [{ destructiveHint: true }, "writes", "dangerous", true],
    [{ destructiveHint: true }, "never", "dangerous", false],
  ] as const)("on annotations %j with the policy %s: %s, consent %s", (annotations, approval, kind, consent) => {
    const listed = tool("a", { annotations });
    const known = pins(pin("a", { hash: definitionHash(listed) }));
    expect(judged(known, [listed], { policy: approval ? { approval } : {} })).toMatchObject([{ class: kind, consent }]);
  });

  it("follows what an administrator said of the tool rather than what it says of itself", () => {
    const listed = tool("a", { annotations: { readOnlyHint: true } });
    const known = (more: Partial<Pin>) => pins(pin("a", { hash: definitionHash(listed), ...more }));
    expect(judged(known({ class: "dangerous" }), [listed])).toMatchObject([{ class: "dangerous", consent: true }]);
    expect(judged(known({ approval: "always" }), [listed])).toMatchObject([{ class: "read", consent: true }]);
    expect(judged(known({ class: "dangerous", approval: "never" }), [listed])).toMatchObject([{ consent: false }]);
    expect(judged(known({ roles: ["admin"] }), [listed])).toMatchObject([{ roles: ["admin"] }]);
  });
});
