import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { expect, test } from "./product.ts";

const upstreams: TestUpstream[] = [];
test.afterAll(async () => {
  for (const upstream of upstreams.splice(0)) await upstream.stop();
});
const startUpstream = async () => {
  const upstream = await startCountingUpstream();
  upstreams.push(upstream);
  return upstream;
};

test("an operator sees the servers, tries a tool with a generated form, and gets its result", async ({
  page,
  signIn,
}) => {
  await signIn("operator");
  await page.goto("/servers?q=production");
  const row = page.getByRole("row").filter({ hasText: "fertigung" });
  await expect(row.getByText("Connected")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("row").filter({ hasText: "erp" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Add a server" })).toHaveCount(0);
  await page.goto("/servers/fertigung?tab=tools");
  await page.getByText("fertigung.list_machines", { exact: true }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("button", { name: "Call it" }).click();
  await expect(drawer.getByRole("region", { name: "Result" }).getByRole("table")).toBeVisible();
});

test("the owner registers a server; a tool that it adds later waits in quarantine until it is approved", async ({
  page,
  signIn,
}) => {
  const upstream = await startUpstream();
  await signIn("admin");
  await page.goto("/servers");
  await page.getByRole("button", { name: "Add a server" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name", { exact: true }).fill("counting");
  await form.getByLabel("Title").fill("Counting server");
  await form.getByLabel("Address").fill(upstream.url);
  await form.getByText("Safety").click();
  await form.getByLabel("Its address may be a private one").check({ force: true });
  await form.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/servers\/counting/);
  await expect(page.getByRole("main").getByText("Connected")).toBeVisible({ timeout: 30_000 });

  upstream.addTool("late_comer");
  await page.getByRole("button", { name: "Check now" }).click();
  await page.goto("/servers/quarantine");
  const waiting = page.getByRole("button", { name: "Review counting.late_comer" });
  await expect(async () => {
    await page.reload();
    await expect(waiting).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
  await waiting.click();
  const review = page.getByRole("dialog");
  await expect(review.getByText("Added later")).toBeVisible();
  await review.getByRole("button", { name: "Approve" }).click();
  await expect(waiting).toHaveCount(0);

  await page.goto("/servers/counting?tab=tools");
  await expect(page.getByText("counting.late_comer", { exact: true })).toBeVisible({ timeout: 15_000 });
  await page.goto("/servers/counting?tab=settings");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.waitForURL(/\/servers$/);
});

test("a server of the catalogue asks for its configuration, then for its secret, and is active", async ({
  page,
  signIn,
  product,
}) => {
  const upstream = await startUpstream();
  await signIn("admin");
  await page.goto("/servers/catalogue?q=home+assistant");
  await page.getByRole("button", { name: "Activate Home Assistant" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Its address").or(dialog.getByRole("textbox")).first().fill(new URL(upstream.url).origin);
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByLabel(/long-lived access token/i).fill("a token nobody sees");
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(dialog.getByText(/Home Assistant is active/)).toBeVisible({ timeout: 30_000 });
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();

  await page.goto("/settings/secrets");
  await expect(page.getByText("HOME_ASSISTANT_TOKEN", { exact: true })).toBeVisible();
  expect(await page.content()).not.toContain("a token nobody sees");
  expect(product.output()).not.toContain("a token nobody sees");
  await page.getByRole("button", { name: "Delete: HOME_ASSISTANT_TOKEN" }).click();
  await expect(page.getByRole("dialog").getByText("home-assistant")).toBeVisible(); // what breaks
});

test("a client is connected: the address, the configuration with a key made here, and the test through it", async ({
  page,
  signIn,
  product,
}) => {
  await signIn("operator");
  await page.goto("/servers/connect?with=key&client=curl");
  await expect(page.getByTestId("mcp-url")).toHaveText(`${new URL(product.url).origin}/mcp`);
  await page.getByRole("button", { name: "Create a key for it" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create a key" }).click();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText(/Authorization: Bearer (?!YOUR_API_KEY)/)).toBeVisible();
  await page.getByRole("button", { name: "Test it" }).click();
  await expect(page.getByText(/It works: \d+ tools/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("main").getByText("fertigung.list_machines", { exact: true })).toBeVisible();
});

test("a call that may destroy waits in the chat until somebody approves it there", async ({ page, signIn }) => {
  await signIn("operator");
  await page.goto("/chat");
  const composer = page.getByRole("textbox", { name: "Your question" });
  await composer.fill("Book a stock count: RM-1001 counted quantity 500");
  await composer.press("Enter");
  const answer = page.getByRole("article", { name: "Answer" });
  const consent = answer.getByRole("region", { name: "Waits for you" });
  await expect(consent.getByText("RM-1001")).toBeVisible({ timeout: 30_000 });
  await page.reload(); // it waits without the page, too
  await consent.getByLabel("Comment").fill("Counted twice");
  await consent.getByRole("button", { name: "Approve" }).click();
  await expect(answer).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  await expect(answer.getByText("Approved by")).toBeVisible();
  await expect(answer.getByText("Counted twice")).toBeVisible();
  await expect(answer.getByText(/is now 500 kg/)).toBeVisible();
});

const PAGES = [
  "/servers",
  "/servers/fertigung",
  "/servers/fertigung?tab=tools",
  "/servers/fertigung?tab=offer",
  "/servers/fertigung?tab=logs",
  "/servers/fertigung?tab=settings",
  "/servers/catalogue",
  "/servers/quarantine",
  "/servers/connect?with=key",
  "/settings/secrets",
  "/settings/connections",
  "/settings/audit",
  "/admin/audit",
];
for (const colorScheme of ["light", "dark"] as const) {
  test(`the pages of servers are accessible, ${colorScheme}`, async ({ page, signIn }) => {
    test.setTimeout(240_000);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await signIn("admin");
    for (const path of PAGES) {
      const response = await page.goto(path);
      expect(response?.status(), path).toBeLessThan(400);
      await page.waitForTimeout(1_000); // skeletons and transitions are over
      await expectAccessible(page, path);
    }
  });
}

async function expectAccessible(page: Page, path: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${path}: ${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`),
  ).toEqual([]);
}
