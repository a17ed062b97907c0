import { spawn } from "node:child_process";
import { expect } from "vitest";
import { freePort } from "#tests/support/instance.ts";
import { register } from "#tests/support/oauth-client.ts";
import { createOAuthGateway, type Browser } from "#tests/support/oauth-gateway.ts";
import { it } from "#tests/support/world.ts";

const SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
const DEADLINE_MS = 60_000;

/** Runs the official suite's scenarios for authorization servers; a person allows what it asks for in their browser. */
async function runSuite(options: Record<string, string>, browser: Browser): Promise<string> {
  const child = spawn(process.execPath, [SUITE, "authorization", ...Object.entries(options).flat()], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = setTimeout(() => child.kill(), DEADLINE_MS);
  let said = "";
  let answered: Promise<unknown> | undefined;
  const hear = (chunk: Buffer) => {
    said += String(chunk);
    const asked = /^https?:\/\/\S+\/oauth\/authorize\?\S+$/m.exec(said)?.[0];
    if (asked && said.includes("Waiting")) answered ??= allow(browser, new URL(asked));
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  await new Promise((closed) => child.once("close", closed));
  clearTimeout(end);
  await answered;
  return said;
}

async function allow(browser: Browser, asked: URL): Promise<void> {
  const view = await browser.view(await browser.authorize(Object.fromEntries(asked.searchParams)));
  await fetch(await browser.decide(view));
}

// With a public client, as MCP clients are: one with a secret the suite would have authenticate without it.
it(
  "the authorization server passes the official suite",
  async ({ world }) => {
    const gateway = await createOAuthGateway(world.deps);
    const port = await freePort();
    const { body } = await register(gateway, { redirect_uris: [`http://127.0.0.1:${port}/callback`] });
    const said = await runSuite(
      {
        "--url": gateway.url,
        "--client-id": body["client_id"] ?? "",
        "--resource": `${gateway.url}/mcp`,
        "--port": String(port),
      },
      await gateway.browser(await world.actor()),
    );
    await gateway.close();
    expect(said).toContain("✓ authorization-server-metadata-endpoint: 2 passed, 0 failed");
    expect(said).toContain("✓ authorization-code-grant: 1 passed, 0 failed");
    expect(said).toContain("Total: 3 passed, 0 failed");
  },
  DEADLINE_MS + 30_000,
);
