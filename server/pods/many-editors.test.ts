import { expect } from "vitest";
import { editorClient } from "#tests/support/editor-client.ts";
import { startPodGateway } from "#tests/support/pod-gateway.ts";
import { until } from "#tests/support/until.ts";
import { it } from "#tests/support/world.ts";

const PEOPLE = 20;

it("gives twenty people who open an editor at once, on a pool of five, an editor each and nobody another's", async ({
  world,
}) => {
  const gateway = await startPodGateway(world, { warm: 5, limit: 25 });
  try {
    const warm = () => world.deps.db.pod.count({ where: { state: "warm" } });
    await until("five are warm", async () => (await warm()) === 5, 60_000);
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => world.actor({ role: "editor" })));
    const editors = await Promise.all(
      people.map(async (actor) => editorClient(gateway.url, await gateway.headersFor(actor))),
    );
    const pages = await Promise.all(
      editors.map((editor) =>
        until(
          "the editor opens",
          async () => {
            const response = await editor.ask("/", { headers: { Accept: "text/html" } });
            const text = await response.text();
            if (response.status === 503) expect(text).toContain('role="status"'); // the page that says what it waits for
            return response.ok ? text : null;
          },
          100_000,
        ),
      ),
    );
    for (const page of pages) expect(page).toContain("red/red.min.js");

    // Each sees its own flows, and deploys into its own document.
    await Promise.all(
      editors.map(async (editor, i) => {
        const { flows, rev } = await editor.flows();
        const mine = { id: `mine-${i}`, type: "tab", label: `Flow of ${i}` };
        expect((await editor.deploy([...flows, mine], rev)).status).toBe(200);
      }),
    );
    const documents = await world.deps.db.flowDocument.findMany({
      where: { userId: { in: people.map(({ userId }) => userId) } },
    });
    for (const [i, { userId }] of people.entries()) {
      const nodes = JSON.stringify(documents.find((one) => one.userId === userId)?.nodes);
      expect(nodes.match(/Flow of \d+/g)).toEqual([`Flow of ${i}`]);
    }
    const pods = await world.deps.db.pod.findMany({ where: { state: "claimed" } });
    expect(pods.map(({ userId }) => userId).toSorted()).toEqual(people.map(({ userId }) => userId).toSorted());
    expect(new Set(pods.map(({ address }) => address)).size).toBe(PEOPLE);
  } finally {
    await gateway.close();
  }
}, 180_000);
