"use strict";
const { randomUUID } = require("node:crypto");
const { runCode } = require("./code.js");

const LONG_MS = 10 * 60_000;
const APPROVAL_POLL_MS = 55_000;

/** `RED.settings.osf` over the gateway's internal API; the contract is node-red-contrib-osf/osf-client.d.ts. */
exports.createOsfClient = (gateway, activity) => {
  const long = { timeoutMs: LONG_MS, repeat: false };
  const ask = (path, body, options = long) => activity().during(() => gateway.call("POST", path, body, options));
  const keyed = () => ({ ...long, headers: { "idempotency-key": randomUUID() } });

  const client = {
    host: "pod",
    tool: {
      async list(_node, filter = {}) {
        const query = filter.server ? `?${new URLSearchParams({ server: filter.server })}` : "";
        return (await gateway.call("GET", `/mcp-tools${query}`)).tools;
      },
      call: (_node, name, args) => ask("/mcp-tool", { name, args }, keyed()),
    },
    llm: { complete: (_node, request) => ask("/llm", request) },
    agent: { run: (_node, request) => ask("/agents/run", request) },
    flow: {
      list: async () => (await gateway.call("GET", "/flows/list")).flows,
      run: (_node, { flow, payload, wait = true }) =>
        ask(
          `/flows/${encodeURIComponent(flow)}/run`,
          { payload: payload === undefined ? null : payload, wait },
          keyed(),
        ),
    },
    approval: {
      request: (node, request) =>
        activity().during(async () => {
          const { id } = await gateway.call(
            "POST",
            "/approvals",
            { ...request, node: { id: node.id, z: node.z } },
            long,
          );
          for (;;) {
            const { answer } = await gateway.call("GET", `/approvals/${id}?wait=45`, undefined, {
              timeoutMs: APPROVAL_POLL_MS,
            });
            if (answer) return answer;
          }
        }),
    },
    code: { run: (node, request) => activity().during(() => runCode(client, node, request)) },
    // A pod may reach what its network lets it reach; the engine, which runs in the gateway's network, may not.
    http: { check: async () => undefined },
    log: (node, level, message, data) => {
      const write = { info: "log", warn: "warn", error: "error" }[level] || "log";
      if (typeof node[write] === "function")
        node[write](data === undefined ? message : `${message} ${JSON.stringify(data)}`);
    },
  };
  return client;
};
