import { describe, expect } from "vitest";
import { startPodGateway, type PodGateway } from "#tests/support/pod-gateway.ts";
import { it } from "#tests/support/world.ts";

let gateway: PodGateway;
it.beforeAll(async ({ world }) => {
  gateway = await startPodGateway(world, { warm: 1, limit: 4 });
}, 60_000);
it.afterAll(() => gateway.close(), 60_000);

describe("the editor", () => {
  it("is served to whoever may use one, and keeps what is deployed", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const headers = await gateway.headersFor(actor);
    const began = performance.now();
    const page = await fetch(`${gateway.url}/flows/editor/`, { headers });
    console.log("open", Math.round(performance.now() - began), page.status);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("red/red.min.js");
    const flows = await fetch(`${gateway.url}/flows/editor/flows`, {
      headers: { ...headers, "Node-RED-API-Version": "v2" },
    });
    console.log(flows.status, flows.headers, (await flows.text()).slice(0, 300));
    for (const path of [
      "/flows/editor/nodes",
      "/flows/editor/settings",
      "/flows/editor/locales/editor?lng=de",
      "/flows/editor/red/red.min.js?v=1",
      "/flows/editor/nodes/messages?lng=en-US",
      "/flows/editor/icons/node-red/inject.svg",
    ]) {
      const a = performance.now();
      const r = await fetch(gateway.url + path, { headers });
      const t = await r.text();
      console.log(
        path,
        r.status,
        r.headers.get("content-type"),
        r.headers.get("cache-control"),
        t.length,
        Math.round(performance.now() - a),
      );
    }
  }, 60_000);
});
