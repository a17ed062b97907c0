import { expect, test } from "@playwright/test";
import { freePort, startInstance } from "#tests/support/instance.ts";
import { startCountingUpstream } from "#tests/support/mcp-upstream.ts";
import { startScriptedModel } from "#tests/support/scripted-model.ts";
import { signIn } from "./product.ts";

test.setTimeout(180_000);

test("with the model and the upstream down a person sees what is wrong and what to do; both come back by themselves", async ({
  page,
}) => {
  const [modelPort, upstreamPort] = [await freePort(), await freePort()];
  const product = await startInstance({
    env: { LLM_URL_FREE: `http://127.0.0.1:${modelPort}/v1`, MCP_URL: `http://127.0.0.1:${upstreamPort}/mcp` },
  });
  const ends: (() => Promise<unknown>)[] = [() => product.remove()];
  try {
    await signIn(page, product, "admin");
    await page.goto(`${product.url}/servers`);
    await expect(page.getByText(/does not answer/i).first()).toBeVisible();
    await page.goto(`${product.url}/chat`);
    const composer = page.getByRole("textbox", { name: "Your question" });
    await composer.fill("How much M-1 is there?");
    await composer.press("Enter");
    await expect(page.getByText(/model server at .* does not answer/i).first()).toBeVisible({ timeout: 30_000 });

    const model = await startScriptedModel(
      (request) =>
        request.messages.at(-1)?.role === "tool"
          ? { text: ["There are 42."] }
          : { calls: [{ name: "mcp__read_stock", args: { material: "M-1" } }] },
      modelPort,
    );
    const upstream = await startCountingUpstream({ port: upstreamPort });
    ends.push(
      () => model.stop(),
      () => upstream.stop(),
    );
    await expect(async () => {
      await page
        .getByRole("button", { name: /write.*anew|try again|retry/i })
        .first()
        .click();
      await expect(page.getByText("There are 42.")).toBeVisible({ timeout: 10_000 });
      // The model may be back before the upstream is asked again: then the answer came without the tool.
      expect(upstream.calls().map(({ name }) => name)).toContain("read_stock");
    }).toPass({ timeout: 60_000 });
  } finally {
    for (const end of ends) await end();
  }
});
