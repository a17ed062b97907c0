import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import { newId } from "../../../kernel/ids.ts";
import { AppError } from "../../../kernel/errors.ts";
import { askModern, startTestEndpoint, type TestEndpoint } from "../test-endpoint.ts";

const URL_OF_CONSENT = "https://osf.example.com/connections/office/start";
/** Who has given the consent that the upstream wants of each person. */
const given = new Set<string>();
let upstream: TestUpstream;
let endpoint: TestEndpoint;
let mcp: string;
beforeAll(async () => {
  upstream = await startCountingUpstream();
  endpoint = await startTestEndpoint([definition("office", upstream.url, { auth: { kind: "oauth-user" } })], {
    credentials: {
      async headersFor(_definition, who) {
        if (who && given.has(who.userId)) return { authorization: "Bearer theirs" };
        throw new AppError("upstream", "upstream.auth", "Office wants your consent", {
          extra: { mayHaveRun: false, connect: "/connections/office/start" },
        });
      },
      refused: async () => false,
    },
  });
  mcp = `${endpoint.url}/mcp`;
});
afterAll(async () => {
  await endpoint.stop();
  await upstream.stop();
});
let person: string;
beforeEach(() => (person = newId("usr")));

const PATHS = [
  ["", "office.read_stock"],
  ["/servers/office", "read_stock"],
] as const;

describe.each(PATHS)("at /mcp%s an upstream that wants each person's consent", (path, name) => {
  const call = (more: object = {}, capabilities: object = {}) =>
    askModern(
      mcp + path,
      "tools/call",
      { name, arguments: { material: "M" }, ...more },
      { capabilities, token: person },
    );

  it("is consented to on a page, where the client can open one, and then goes on", async () => {
    const able = { elicitation: { url: {} } };
    const asked = await call({}, able);
    expect(asked.result).toMatchObject({
      resultType: "input_required",
      inputRequests: { "osf-connect": { method: "elicitation/create", params: { mode: "url", url: URL_OF_CONSENT } } },
    });
    const answer = { inputResponses: { "osf-connect": { action: "accept" } } };
    expect((await call(answer, able)).result).toMatchObject({ resultType: "input_required" });
    given.add(person);
    await expect
      .poll(async () => (await call(answer, able)).result as unknown, { timeout: 10_000 })
      .toMatchObject({ structuredContent: { stock: 42 } });
  });

  it("says in words where to consent, to every other client", async () => {
    const { result } = await call({}, { elicitation: {} });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(URL_OF_CONSENT) }],
      _meta: { "osf/error": { code: "upstream.auth", connect: URL_OF_CONSENT } },
    });
  });

  it("is told to a client of 2025-11-25 as what it has for this", async () => {
    const client = new OldClient({ name: "t", version: "1" }, { capabilities: { elicitation: { url: {} } } });
    const transport = new OldTransport(new URL(mcp + path), {
      requestInit: { headers: { authorization: `Bearer ${person}` } },
    });
    await client.connect(transport as Parameters<OldClient["connect"]>[0]); // its own class misses exactOptionalPropertyTypes
    await expect(client.callTool({ name, arguments: { material: "M" } })).rejects.toMatchObject({
      code: -32042,
      data: { elicitations: [{ mode: "url", url: URL_OF_CONSENT, elicitationId: expect.any(String) }] },
    });
    await client.close();
  });
});

it("can be connected to before, so that there is somebody to tell", async () => {
  expect((await askModern(`${mcp}/servers/office`, "server/discover")).result).toMatchObject({
    capabilities: { tools: {} },
  });
  const listed = await askModern(`${mcp}/servers/office`, "tools/list");
  expect(listed.error).toMatchObject({ data: { code: "upstream.auth", connect: URL_OF_CONSENT } });
  expect((await askModern(mcp, "tools/list")).result).toMatchObject({ tools: [] });
});
