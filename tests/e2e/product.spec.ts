import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "./product.ts";

const QUESTION = "Which machines are below 85 % OEE today?";

test("a person signs in, asks the plant, and sees the calls, the answer, the table and the chart", async ({
  page,
  signIn,
}) => {
  await signIn("operator");
  await page.goto("/chat");
  const composer = page.getByRole("textbox", { name: "Your question" });
  await composer.fill(QUESTION);
  await composer.press("Enter");

  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer.getByText("fertigung.list_oee").first()).toBeVisible();
  await expect(answer).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  await expect(answer.getByText(/\d+ of \d+ machines are below 85 % OEE/)).toBeVisible();
  const rows = answer.getByRole("table").first().getByRole("row");
  const shown = (await rows.count()) - 1;
  expect(shown).toBeGreaterThan(0);
  await expect(answer.locator("svg.recharts-surface").first()).toBeVisible();

  await answer
    .getByRole("button", { name: /OEE by machine/ })
    .first()
    .click();
  await expect(
    answer
      .getByRole("region", { name: /arguments/i })
      .or(answer.getByText("Arguments"))
      .first(),
  ).toBeVisible();
});

test("a reload in the middle of an answer goes on with it, once", async ({ page, signIn, product }) => {
  await signIn("editor");
  await page.goto("/chat");
  const composer = page.getByRole("textbox", { name: "Your question" });
  await composer.fill("Which orders are late and why?");
  await composer.press("Enter");
  await page.waitForURL(/\/chat\/chat_/);
  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer.getByText(/orders?/).first()).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await expect(answer).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  await expect(page.getByRole("article", { name: "Answer" })).toHaveCount(1);

  const session = new URL(page.url()).pathname.split("/").pop() ?? "";
  const messages = await fetch(`${product.url}/chat/sessions/${session}/messages`, {
    headers: { Authorization: `Bearer ${await product.token("editor")}` },
  });
  const { items } = (await messages.json()) as { items: { role: string; parts: { type: string; text?: string }[] }[] };
  expect(items.map(({ role }) => role)).toEqual(["user", "assistant"]);
  const first = items[1]?.parts.find(({ type }) => type === "text")?.text?.split("\n")[0] ?? "nothing";
  await expect(answer.getByText(first.slice(0, 40))).toHaveCount(1);
});

test("whoever is not signed in is led to the sign-in and back; signing out ends the session", async ({
  page,
  product,
  signIn,
}) => {
  await page.goto("/runs");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel(/e-mail/i).fill("operator@demo.local");
  await page.getByLabel(/^password/i).fill("not the password");
  await page.getByRole("button", { name: /^sign in/i }).click();
  await expect(page.getByRole("alert").filter({ hasText: /./ }).first()).toBeVisible();
  await signIn("operator");
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const me = () => fetch(`${product.url}/auth/me`, { headers: { Cookie: cookie } }).then(({ status }) => status);
  expect(await me()).toBe(200);
  await page.getByRole("button", { name: /account|olga|user menu/i }).click();
  await page.getByRole("menuitem", { name: /sign out/i }).click();
  await page.waitForURL(/\/sign-in/);
  expect(await me()).toBe(401);
});

test("a new person registers and has a workspace of their own, with nothing of others in it", async ({ page }) => {
  await page.goto("/register");
  await page.getByLabel(/name/i).first().fill("Nora New");
  await page.getByLabel(/e-mail/i).fill(`nora${Date.now()}@example.com`);
  await page
    .getByLabel(/^password/i)
    .first()
    .fill("plain river under bridges 7");
  await page.getByRole("button", { name: /create/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/register"));
  await page.goto("/runs");
  await expect(page.getByText(/which machines/i)).toHaveCount(0);
  await page.goto("/admin");
  await expect(page.getByText(/administrator|owner|not allowed|may not/i).first()).toBeVisible();
});

const PAGES = [
  "/",
  "/chat",
  "/inbox",
  "/flows",
  "/editor",
  "/runs",
  "/settings",
  "/settings/api-keys",
  "/settings/workspace",
  "/admin/runs",
  "/admin/pods",
  "/servers",
  "/admin/model",
  "/docs/api",
];
for (const colorScheme of ["light", "dark"] as const) {
  test(`every page is accessible, ${colorScheme}`, async ({ page, signIn }) => {
    test.setTimeout(240_000); // many pages, some of them long: five seconds each
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto("/sign-in");
    await page.waitForTimeout(1_000);
    await expectAccessible(page, "/sign-in");
    await signIn("admin");
    for (const path of PAGES) {
      const response = await page.goto(path);
      expect(response?.status(), path).toBeLessThan(400);
      await page.waitForTimeout(1_000); // skeletons and transitions are over
      await expectAccessible(page, path);
    }
  });
}

async function expectAccessible(page: Parameters<Parameters<typeof test>[2]>[0]["page"], path: string): Promise<void> {
  // what stands in a frame is Node-RED's own
  const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
  expect(
    violations.map(({ id, nodes }) => `${path}: ${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`),
  ).toEqual([]);
}

test("the first load of each page stays within 250 kB of compressed script", async ({ page, signIn, context }) => {
  await signIn("admin");
  // as a browser has it that comes for the first time: nothing is kept from the pages before
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  const scripts = new Map<string, string>();
  let bytes = 0;
  network.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.mimeType.includes("javascript"))
      scripts.set(requestId, response.headers["Content-Encoding"] ?? "none");
  });
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength; // as it went over the wire, with its headers
  });
  const paths = ["/", "/chat", "/inbox", "/flows", "/editor", "/runs", "/settings", "/servers", "/servers/erp", "/servers/catalogue", "/servers/quarantine", "/servers/connect", "/settings/secrets", "/settings/connections", "/admin/audit", "/admin/model", "/admin/pods", "/docs/api"]; // prettier-ignore
  for (const path of paths) {
    await page.goto("about:blank");
    scripts.clear();
    bytes = 0;
    await page.goto(path, { waitUntil: "load" });
    expect(new Set(scripts.values()), path).toContain("br");
    expect(bytes, path).toBeGreaterThan(10_000);
    expect(bytes, `${path}: ${Math.round(bytes / 1000)} kB`).toBeLessThan(250_000);
  }
});
