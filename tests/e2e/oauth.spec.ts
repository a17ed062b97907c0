import http from "node:http";
import type { AddressInfo } from "node:net";
import { createHash, randomBytes } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./product.ts";

/** An app on this computer that waits for its answer. */
async function startApp() {
  let arrived: (url: URL) => void = () => undefined;
  const answer = new Promise<URL>((resolve) => (arrived = resolve));
  const server = http.createServer((request, response) => {
    response.setHeader("Content-Type", "text/html").end("<title>Connected</title><p>You can close this page.</p>");
    if (request.url?.startsWith("/callback")) arrived(new URL(request.url, "http://127.0.0.1"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    redirect: `http://127.0.0.1:${port}/callback`,
    answer,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

async function register(url: string, redirect: string): Promise<string> {
  const response = await fetch(`${url}/oauth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      client_name: "Workbench",
      redirect_uris: [redirect],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    }),
  });
  return ((await response.json()) as { client_id: string }).client_id;
}

function authorization(url: string, client: string, redirect: string) {
  const verifier = randomBytes(32).toString("base64url");
  const params = new URLSearchParams({
    client_id: client,
    redirect_uri: redirect,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "s",
    scope: "plant.read tool.read flow.read tool.write approval.respond",
    resource: `${url}/mcp`,
  });
  return { verifier, address: `${url}/oauth/authorize?${params}` };
}

/** Looks at the page in both schemes, and on a phone, where it must not scroll sideways. */
async function lookAt(page: Page, name: string): Promise<void> {
  const wide = page.viewportSize() ?? { width: 1280, height: 720 };
  for (const [scheme, size] of [
    ["light", wide],
    ["dark", wide],
    ["light", { width: 390, height: 844 }],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(size);
    await page.screenshot({ path: test.info().outputPath(`${name}-${scheme}-${size.width}.png`), fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
  }
  await page.setViewportSize(wide);
}

test("a person signs in, sees what an app wants, takes something away, and the app works with the rest", async ({
  page,
  product,
}) => {
  const app = await startApp();
  const client = await register(product.url, app.redirect);
  const { verifier, address } = authorization(product.url, client, app.redirect);
  const account = product.accounts().find(({ role }) => role === "operator");

  await page.goto(address);
  await expect(page).toHaveURL(/\/sign-in\?next=%2Foauth%2Fconsent/);
  await page.getByLabel(/e-mail/i).fill(account?.email ?? "");
  await page.getByLabel(/^password/i).fill(account?.password ?? "");
  await page.getByRole("button", { name: /^sign in/i }).click();
  await expect(page.getByRole("heading", { name: "Connect Workbench?" })).toBeVisible();
  await expect(page.getByText("nobody has checked it")).toBeVisible();
  await expect(page.getByText("an app on this computer")).toBeVisible();
  await lookAt(page, "consent");

  await page.getByRole("checkbox", { name: /approve and reject/i }).uncheck();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  const answered = await app.answer;
  expect(answered.searchParams.get("iss")).toBe(product.url);
  const response = await fetch(`${product.url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: answered.searchParams.get("code") ?? "",
      redirect_uri: app.redirect,
      client_id: client,
      code_verifier: verifier,
    }),
  });
  const token = (await response.json()) as { access_token: string; scope: string };
  expect(token.scope).toBe("mcp.use plant.read tool.read flow.read tool.write");

  const call = (authorization: Record<string, string>) =>
    fetch(`${product.url}/mcp`, {
      method: "POST",
      headers: {
        ...authorization,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "w", version: "1" } },
      }),
    });
  expect((await call({ Authorization: `Bearer ${token.access_token}` })).status).toBe(200);
  const nobody = await call({});
  expect(nobody.status).toBe(401);
  expect(nobody.headers.get("www-authenticate")).toContain(
    `resource_metadata="${product.url}/.well-known/oauth-protected-resource/mcp"`,
  );
  await app.close();
});

test("who does not allow it sends the app away, and an old page says why it is of no use", async ({
  page,
  product,
  signIn,
}) => {
  const app = await startApp();
  const client = await register(product.url, app.redirect);
  await signIn("editor");
  await page.goto(authorization(product.url, client, app.redirect).address);
  // what the role does not give cannot be allowed
  await expect(page.getByRole("checkbox", { name: /change something in the plant/i })).toBeDisabled();
  const consent = page.url();
  await page.getByRole("button", { name: "Do not allow" }).click();
  expect((await app.answer).searchParams.get("error")).toBe("access_denied");
  await page.goto(consent);
  await expect(page.getByRole("heading", { name: "The app was not connected" })).toBeVisible();
  await lookAt(page, "failed");
  await app.close();
});
