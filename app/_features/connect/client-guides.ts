/** What one puts into an MCP client so that it uses the gateway. */
export interface ClientGuide {
  id: ClientId;
  name: string;
  /** Whether it can be given a key, besides signing in by itself. */
  keys: boolean;
  blocks: { title: string; code: string }[];
}

export const CLIENT_IDS = ["claude-code", "claude", "vscode", "cursor", "inspector", "sdk", "sdk-1", "curl"] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

/** Written where the key belongs while there is none. */
export const KEY_PLACE = "YOUR_API_KEY";
const REVISION = "2026-07-28";

/**
 * The configuration of each client, with a key or without: then it signs in by OAuth. `server`: the name in the client.
 * Checked against the documents of Claude Code, VS Code and Cursor, and the packages themselves.
 */
export function clientGuides(given: { url: string; server: string; key: string | null }): ClientGuide[] {
  const { url, server, key } = given;
  const header = key === null ? null : `Authorization: Bearer ${key}`;
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  const headers = key === null ? {} : { headers: { Authorization: `Bearer ${key}` } };
  return [
    {
      id: "claude-code",
      name: "Claude Code",
      keys: true,
      blocks: [
        {
          title: "Terminal",
          code: [
            `claude mcp add --transport http ${server} ${url}`,
            ...(header ? [`--header ${quoted(header)}`] : []),
          ].join(" \\\n  "),
        },
      ],
    },
    { id: "claude", name: "Claude (claude.ai, Desktop)", keys: false, blocks: [{ title: "URL", code: url }] },
    {
      id: "vscode",
      name: "VS Code",
      keys: true,
      blocks: [
        {
          title: ".vscode/mcp.json",
          code: json(
            key === null
              ? { servers: { [server]: { type: "http", url } } }
              : {
                  inputs: [
                    { type: "promptString", id: "osf-key", description: "OSF Gateway: API key", password: true },
                  ],
                  servers: {
                    // VS Code asks for the key once and keeps it outside of the file
                    [server]: { type: "http", url, headers: { Authorization: "Bearer ${input:osf-key}" } },
                  },
                },
          ),
        },
      ],
    },
    {
      id: "cursor",
      name: "Cursor",
      keys: true,
      blocks: [{ title: "~/.cursor/mcp.json", code: json({ mcpServers: { [server]: { url, ...headers } } }) }],
    },
    {
      id: "inspector",
      name: "MCP Inspector",
      keys: true,
      blocks: [
        {
          title: "Terminal",
          code: header
            ? [
                `npx @modelcontextprotocol/inspector --cli ${url}`,
                "--transport http",
                `--header ${quoted(header)}`,
                "--method tools/list",
              ].join(" \\\n  ")
            : `npx @modelcontextprotocol/inspector --server-url ${url} --transport http`,
        },
      ],
    },
    {
      id: "sdk",
      name: "TypeScript SDK 2",
      keys: true,
      blocks: [
        { title: "Terminal", code: "npm install @modelcontextprotocol/client" },
        { title: "client.ts", code: sdk("@modelcontextprotocol/client", "@modelcontextprotocol/client", url, key) },
      ],
    },
    {
      id: "sdk-1",
      name: "TypeScript SDK 1",
      keys: true,
      blocks: [
        { title: "Terminal", code: "npm install @modelcontextprotocol/sdk" },
        {
          title: "client.ts",
          code: sdk(
            "@modelcontextprotocol/sdk/client/index.js",
            "@modelcontextprotocol/sdk/client/streamableHttp.js",
            url,
            key,
          ),
        },
      ],
    },
    {
      id: "curl",
      name: "curl",
      keys: true,
      blocks: [
        {
          title: "Terminal",
          code: [
            `curl ${url}`,
            `-H ${quoted(header ?? `Authorization: Bearer ${KEY_PLACE}`)}`,
            ...Object.entries(listHeaders).map(([name, value]) => `-H "${name}: ${value}"`),
            `-d '${JSON.stringify(listRequest)}'`,
          ].join(" \\\n  "),
        },
      ],
    },
  ];
}

const quoted = (text: string) => `"${text}"`;

/** `tools/list` of the present revision, which needs no session: by it the page tests the way. */
export const listRequest = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/list",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": REVISION,
      "io.modelcontextprotocol/clientInfo": { name: "osf-connect-page", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};
export const listHeaders = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
  "MCP-Protocol-Version": REVISION,
  "Mcp-Method": "tools/list",
};

function sdk(client: string, transport: string, url: string, key: string | null): string {
  const imports =
    client === transport
      ? [`import { Client, StreamableHTTPClientTransport } from "${client}";`]
      : [`import { Client } from "${client}";`, `import { StreamableHTTPClientTransport } from "${transport}";`];
  return [
    ...imports,
    "",
    `const client = new Client({ name: "my-program", version: "1.0.0" });`,
    "await client.connect(",
    `  new StreamableHTTPClientTransport(new URL("${url}"), {`,
    // a program has no browser to sign in with
    `    requestInit: { headers: { Authorization: "Bearer ${key ?? KEY_PLACE}" } },`,
    "  }),",
    ");",
    "const { tools } = await client.listTools();",
    "console.log(tools.map(({ name }) => name));",
  ].join("\n");
}
