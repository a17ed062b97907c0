import { expect } from "vitest";
import { createDispatcher } from "#server/edge/rest/dispatch.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { flowRoutes } from "./routes.ts";
import { inject, node, SMALL, tab } from "./test-flows.ts";

/** The flow routes as this person calls them. */
const api = ({ deps }: World, actor: Actor) => {
  const dispatch = createDispatcher({
    deps,
    routes: flowRoutes,
    actorFor: async () => actor,
    podActorFor: async () => actor,
    limit: async () => ({}),
    observe: () => undefined,
  });
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await dispatch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
      path.split("?")[0] ?? path,
    );
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
};

it("a program makes a flow, looks at it, changes it, runs it, and takes it away", async ({ world }) => {
  const ask = api(world, await world.actor());
  const made = await ask("POST", "/api/workflows", { name: "By program", nodes: SMALL });
  expect(made).toMatchObject({ status: 201, body: { name: "By program", issues: [] } });
  const at = `/api/workflows/${String(made.body["id"])}`;
  expect(await ask("GET", at)).toMatchObject({ status: 200, body: made.body });
  expect(await ask("GET", "/api/workflows?search=program&mine=true")).toMatchObject({
    body: { items: [{ name: "By program" }] },
  });
  expect(await ask("PUT", at, { name: "Renamed", revision: 2 })).toMatchObject({
    status: 200,
    body: { name: "Renamed" },
  });
  expect(await ask("PUT", at, { name: "Late", revision: 2 })).toMatchObject({
    status: 409,
    body: { code: "flow.conflict", revision: 3 },
  });
  expect(await ask("GET", `${at}/versions`)).toMatchObject({ body: { items: [{ revision: 3 }, { revision: 2 }] } });
  expect(await ask("GET", `${at}/versions/2`)).toMatchObject({
    body: { revision: 2, nodes: [{ label: "By program" }, {}, {}] },
  });
  const key = { "Idempotency-Key": "once" };
  const run = await ask("POST", `${at}/run`, { input: 1 }, key);
  expect(run).toMatchObject({
    status: 202,
    body: { run_id: expect.stringMatching(/^run_/) as string, status: "queued" },
  });
  expect((await ask("POST", `${at}/run`, { input: 1 }, key)).body).toEqual(run.body);
  expect((await ask("POST", `${at}/run`)).status).toBe(202); // without a body
  expect(await ask("DELETE", at)).toEqual({ status: 200, body: { deleted: true } });
  expect((await ask("GET", at)).status).toBe(404);
});

it("is told node and property of what keeps a flow from running", async ({ world }) => {
  const ask = api(world, await world.actor());
  const broken = [tab(), inject("i", "f"), node("f", "function", { name: "Sum", func: "return }" })];
  const { body } = await ask("POST", "/api/workflows", { name: "Broken", nodes: broken });
  const at = `/api/workflows/${String(body["id"])}`;
  expect(await ask("POST", `${at}/run`, {})).toMatchObject({
    status: 422,
    body: {
      code: "flow.invalid",
      errors: [{ path: "f.func" }],
      issues: [{ node: "f", nodeName: "Sum", property: "func" }],
    },
  });
  expect(await ask("POST", `${at}/validate`)).toMatchObject({
    status: 200,
    body: { valid: false, issues: [{ node: "f" }] },
  });
  expect(await ask("POST", `${at}/validate`, { nodes: [tab(), inject("i")] })).toMatchObject({ body: { valid: true } });
});

it("says what is wrong with nodes that are none", async ({ world }) => {
  const ask = api(world, await world.actor());
  const make = (nodes: unknown) => ask("POST", "/api/workflows", { name: "x", nodes });
  expect(await make([{ id: "a" }])).toMatchObject({ status: 400, body: { errors: [{ path: "nodes[0].type" }] } });
  expect(
    await make([
      { id: "a", type: "tab" },
      { id: "a", type: "debug" },
    ]),
  ).toMatchObject({
    status: 400,
    body: { code: "flow.duplicate-id", errors: [{ path: "nodes[1].id" }] },
  });
  expect(await make({ flows: [] })).toMatchObject({ status: 400, body: { errors: [{ path: "nodes" }] } });
});
