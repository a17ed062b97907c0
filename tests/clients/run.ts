import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startEverything } from "../conformance/server/everything.ts";
import { startInstance } from "../support/instance.ts";

/**
 * `npm run clients`: the official inspector's CLI, fetched by npx, as a client of the running product: by API key alone,
 * both eras of the client before upstreams of both. What the SDKs do in these cells (progress, cancellation,
 * elicitation, sampling, roots too) is in `server/mcp/serve/eras.test.ts`.
 */
const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0";
const ERAS = ["modern", "legacy"] as const;

const REQUESTS: Record<string, { args: string[]; expected: string }> = {
  "tools/list": { args: [], expected: "test_simple_text" },
  "tools/call": { args: ["--tool-name", "test_simple_text"], expected: "This is a simple text response" },
  "tools/call with an error": { args: ["--tool-name", "test_error_handling"], expected: "intentionally" },
  "tools/call with progress": { args: ["--tool-name", "test_tool_with_progress"], expected: '"text"' },
  "resources/list": { args: [], expected: "test://static-text" },
  "resources/read": { args: ["--uri", "test://static-text"], expected: "content of the static text resource" },
  "resources/templates/list": { args: [], expected: "test://template/{id}/data" },
  "prompts/list": { args: [], expected: "test_prompt_with_arguments" },
  "prompts/get": {
    args: ["--prompt-name", "test_prompt_with_arguments", "--prompt-args", "arg1=a", "arg2=b"],
    expected: "arg1='a', arg2='b'",
  },
};

async function inspect(url: string, key: string, era: string, method: string, args: string[]): Promise<string> {
  const own = ["--cli", url, "--transport", "http", "--protocol-era", era, "--header", `Authorization: Bearer ${key}`];
  const all = ["-y", INSPECTOR, ...own, "--method", method.split(" ")[0] ?? "", ...args, "--format", "json", "--quiet"];
  const run = promisify(execFile)("npx", all, { timeout: 60_000 });
  return run.then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; stderr?: string; message: string }) =>
      `${error.stdout ?? ""}${error.stderr ?? ""}` || error.message,
  );
}

const fixtures = await Promise.all(ERAS.map((era) => startEverything(era)));
const servers = ERAS.map((name, i) => ({ name, title: name, url: fixtures[i]?.url ?? "" }));
const product = await startInstance({ env: { MCP_SERVERS: JSON.stringify({ servers }), OSF_DEMO: "1" } });
let failed = 0;
try {
  const created = await fetch(`${product.url}/auth/api-keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await product.token("operator")}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "inspector", scopes: [] }),
  });
  const { key } = (await created.json()) as { key: string };
  const cells = ERAS.flatMap((client) => ERAS.map((upstream) => ({ client, upstream })));
  console.log(`| ${INSPECTOR} | ${cells.map(({ client, upstream }) => `${client} → ${upstream}`).join(" | ")} |`);
  for (const [method, { args, expected }] of Object.entries(REQUESTS)) {
    const row: string[] = [];
    for (const { client, upstream } of cells) {
      const answer = await inspect(`${product.url}/mcp/servers/${upstream}`, key, client, method, args);
      const ok = answer.includes(expected);
      if (!ok) console.error(`${method}, ${client} → ${upstream}: ${answer.slice(0, 600)}`);
      failed += ok ? 0 : 1;
      row.push(ok ? "✓" : "✗");
    }
    console.log(`| ${method} | ${row.join(" | ")} |`);
  }
  const aggregated = await inspect(`${product.url}/mcp`, key, "modern", "tools/list", []);
  console.log(`| tools/list of /mcp | ${aggregated.includes("legacy.test_simple_text") ? "✓" : "✗"} |`);
} finally {
  await product.remove();
  await Promise.all(fixtures.map((one) => one.stop()));
}
process.exit(failed > 0 ? 1 : 0);
