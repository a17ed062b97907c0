import { expect, test as base, type Page } from "@playwright/test";
import { startInstance, type Instance } from "#tests/support/instance.ts";

/** One product for all browser tests of a worker, with the demo factory and the demo model, as a new user has it. */
export const test = base.extend<{ signIn: (role?: string) => Promise<void> }, { product: Instance }>({
  product: [
    // Playwright demands the destructuring
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const product = await startInstance();
      await use(product);
      await product.remove();
    },
    { scope: "worker", timeout: 300_000 },
  ],
  baseURL: ({ product }, use) => use(product.url),
  signIn: ({ page, product }, use) => use((role = "admin") => signIn(page, product, role)),
});

export async function signIn(page: Page, product: Instance, role: string): Promise<void> {
  const account = product.accounts().find((one) => one.role === role);
  await page.goto(`${product.url}/sign-in`);
  await page.getByLabel(/e-mail/i).fill(account?.email ?? "");
  await page.getByLabel(/^password/i).fill(account?.password ?? "");
  // An account may sign in five times a minute, and tests that follow each other closely are more: they come back.
  const isIn = (url: URL) => !url.pathname.startsWith("/sign-in");
  await expect(async () => {
    if (isIn(new URL(page.url()))) return;
    await page.getByRole("button", { name: /^sign in/i }).click({ timeout: 5_000 });
    await page.waitForURL(isIn, { timeout: 8_000 });
  }).toPass({ intervals: [2_000, 8_000], timeout: 75_000 });
}

export { expect };
