import { expect, it } from "vitest";
import { definitionOf, serverValues, type KnownServer } from "./server-values.ts";

const known = (more: Partial<KnownServer>): KnownServer => ({
  name: "wms",
  title: "WMS",
  url: "http://wms.local/mcp",
  scope: "all",
  enabled: true,
  transport: { kind: "http" },
  auth: { kind: "none" },
  policy: { approval: "dangerous" },
  pinning: "first-use",
  ...more,
});

it("reads back every kind of server as it was", () => {
  const kinds: Partial<KnownServer>[] = [
    { transport: { kind: "sse" }, auth: { kind: "bearer", token: "${WMS_TOKEN}" } },
    {
      transport: { kind: "stdio", command: "npx", args: ["-y", "a b"], env: { KEY: "${A}", MODE: "x=y" } },
      auth: { kind: "header", header: "X-Key", value: "${K}" },
    },
    {
      transport: { kind: "openapi", document: "https://a.example/openapi.json" },
      auth: { kind: "oauth-client", clientId: "a", clientSecret: "${S}", scopes: ["a", "b"] },
    },
    {
      transport: { kind: "service", operations: [{ name: "stock", inputSchema: { type: "object" } }] },
      auth: { kind: "oauth-user", scopes: ["read"] },
      pinning: "approve",
      policy: {
        timeoutMs: 5_000,
        rate: { requestsPerMinute: 60, burst: 10, queue: 5, queueMs: 100 },
        callerRate: { requestsPerMinute: 6, burst: 1 },
        breaker: { failureThreshold: 5, recoveryMs: 1_000, halfOpenMaxCalls: 1 },
        retry: { backoff: "linear", initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 },
        roles: ["operator"],
        approval: "writes",
        privateNetwork: true,
      },
    },
  ];
  for (const kind of kinds) {
    const { transport, auth, policy, pinning } = known(kind);
    expect(definitionOf(serverValues(known(kind)))).toEqual({
      definition: { transport, auth, policy, pinning },
      problems: {},
    });
  }
});

it("names what is no JSON and what is missing beside what was given", () => {
  const values = serverValues(known({}));
  values.transport = { ...values.transport, kind: "service", operations: "[" };
  values.policy.breaker.failureThreshold = 3;
  expect(definitionOf(values).problems).toEqual({
    "transport.operations": "json",
    "policy.breaker.recoveryMs": "together",
    "policy.breaker.halfOpenMaxCalls": "together",
  });
});
