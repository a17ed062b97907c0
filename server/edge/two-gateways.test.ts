import { expect } from "vitest";
import type { OwnToolSource } from "#server/mcp/serve/own-tools.ts";
import type { UpstreamDefinition } from "#server/mcp/definition.ts";
import { startEverything } from "#tests/conformance/server/everything.ts";
import { createOAuthGateway } from "#tests/support/oauth-gateway.ts";
import { createWorld, it } from "#tests/support/world.ts";
import { createMcp } from "./mcp.ts";

const ownTools: OwnToolSource = { for: async () => [], onChange: () => () => undefined };

// two installations with a database each
it(
  "uses another gateway in each person's name: discovery, registration, consent, tools",
  { timeout: 60_000 },
  async ({ world }) => {
    const far = await createWorld();
    const plant = await startEverything("modern");
    far.setUpstreams([{ name: "plant", url: plant.url }]);
    const closing = new AbortController();
    const other = await createOAuthGateway(far.deps, {
      serve: (deps) => createMcp(deps, { ownTools, closing: closing.signal }).handle,
    });
    const [ana, ben] = [await world.actor(), await world.actor()];
    const [anaThere, benThere] = [await far.actor(), await far.actor()];
    const definition: Partial<UpstreamDefinition> & { name: string; url: string } = {
      id: "ups_other",
      name: "other",
      url: `${other.url}/mcp`,
      auth: { kind: "oauth-user" },
    };
    world.setUpstreams([definition]);
    const { tools, credentials } = world.deps;

    expect(await tools.list(ana)).toEqual([]);
    const error = await tools.offer(ana, "other").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "upstream.auth", hints: { extra: { connect: "/connections/other/start" } } });

    const registered: UpstreamDefinition = {
      title: "Other",
      source: "admin",
      workspaceId: null,
      enabled: true,
      transport: { kind: "http" },
      policy: { privateNetwork: true },
      pinning: "off",
      ...definition,
      id: "ups_other",
      auth: { kind: "oauth-user" },
    };
    const connect = async (who: typeof ana, there: typeof ana) => {
      const browser = await other.browser(there);
      const address = await credentials.authorization.start(registered, who, { returnTo: "/" });
      const page = await browser.authorize(Object.fromEntries(address.searchParams));
      const back = await browser.decide(await browser.view(page));
      const find = async () => registered;
      await credentials.authorization.finish(back.searchParams, who, find, async () => undefined);
    };
    await connect(ana, anaThere);
    const names = (await tools.list(ana)).map(({ name }) => name);
    expect(names).toContain("other.plant.test_simple_text");
    expect(await tools.list(ben)).toEqual([]);

    const called = await tools.call({ actor: ana, name: "other.plant.test_simple_text", args: {} });
    expect(called).toMatchObject({ failed: false, text: expect.stringContaining("simple text") as string });
    await connect(ben, benThere);
    await tools.call({ actor: ben, name: "other.plant.test_simple_text", args: {} });
    // There it was each of them, not the gateway.
    const seen = async () =>
      (await far.deps.db.auditEntry.findMany({ where: { action: "tool.call" } }))
        .map(({ userId }) => userId)
        .toSorted();
    await expect.poll(seen).toEqual([anaThere.userId, benThere.userId].toSorted());

    closing.abort();
    await other.close();
    await plant.stop();
    await far.close();
  },
);
