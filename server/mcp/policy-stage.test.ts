import { expect, it } from "vitest";
import { definition, operator } from "#tests/support/tool-gateway.ts";
import type { Role } from "../kernel/permissions.ts";
import type { Exchange, Target, TargetTool } from "./exchange.ts";
import { createPolicyStage } from "./policy-stage.ts";

const stage = createPolicyStage();
const call = (role: Role, tool: Partial<TargetTool> | null, policy: Target["definition"]["policy"] = {}) => {
  const exchange: Exchange = {
    caller: { actor: { ...operator, role }, through: { kind: "program" } },
    method: tool ? "tools/call" : "resources/read",
    params: {},
    capabilities: {},
    timeoutMs: 1_000,
  };
  const whole: TargetTool = {
    name: "t",
    title: "T",
    class: "read",
    repeatable: true,
    consent: false,
    roles: [],
    ...tool,
  };
  const target: Target = {
    definition: definition("plant", "http://x", { policy }),
    tool: tool ? whole : undefined,
    headers: {},
  };
  return stage(exchange, target, async () => ({ passed: true })).then(
    () => "passes",
    ({ kind, code }: { kind: string; code: string }) => `${kind} ${code}`,
  );
};

it("lets everybody read, and only operators and administrators change something", async () => {
  for (const role of ["viewer", "editor", "operator", "admin"] as const) {
    const mayAct = role === "operator" || role === "admin";
    expect(await call(role, { class: "read" })).toBe("passes");
    for (const kind of ["write", "dangerous"] as const)
      expect(await call(role, { class: kind }), `${role} ${kind}`).toBe(mayAct ? "passes" : "forbidden tool.forbidden");
  }
});

it("hides servers and tools that are for other roles", async () => {
  expect(await call("operator", {}, { roles: ["admin"] })).toBe("missing upstream.missing");
  expect(await call("operator", null, { roles: ["admin"] })).toBe("missing upstream.missing");
  expect(await call("admin", {}, { roles: ["admin"] })).toBe("passes");
  expect(await call("operator", { roles: ["admin"] })).toBe("missing tool.missing");
  expect(await call("viewer", { roles: ["viewer"] })).toBe("passes");
});
