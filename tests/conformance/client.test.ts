import { describe, expect, it } from "vitest";
import { createTestDatabase } from "#tests/support/test-database.ts";
import { checkClient } from "./suite.ts";

/** The gateway's own way to upstreams, credentials included, as the client of the suite's servers. */
describe("the official suite, with the gateway as client", () => {
  it.for([
    ["2026-07-28", 32],
    ["2025-11-25", 18],
  ] as const)("passes what %s requires", { timeout: 240_000 }, async ([revision, scenarios]) => {
    // what people consented to is kept there
    const database = await createTestDatabase();
    const { required, failed, notScored } = await checkClient(
      `${process.execPath} tests/conformance/client.ts ${database.url}`,
      revision,
    );
    await database.drop();
    const beside = notScored.filter(({ passed }) => passed).length;
    console.log(
      `${revision}, client: ${required.length - failed.length} of ${required.length} required; not scored: ${beside} of ${notScored.length}`,
    );
    expect(failed).toEqual([]);
    expect(required).toHaveLength(scenarios);
  });
});
