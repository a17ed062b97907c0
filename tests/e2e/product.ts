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
  await page.getByRole("button", { name: /^sign in/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

export { expect };
