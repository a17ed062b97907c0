import { createServer, type AddressInfo } from "node:net";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { isDatabaseAway } from "./errors.ts";

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("the database is away", () => {
  it("when its name is not found, as while its container is replaced", async () => {
    expect(isDatabaseAway(await failure(new pg.Client({ host: "database.invalid" }).connect()))).toBe(true);
  });

  it("when nobody listens at its address", async () => {
    expect(isDatabaseAway(await failure(new pg.Client({ host: "127.0.0.1", port: 1 }).connect()))).toBe(true);
  });

  it("but not when another server does not answer", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => gone.once("listening", listening));
    const { port } = gone.address() as AddressInfo; // a listening TCP server has one
    await new Promise((closed) => gone.close(closed));
    const error = await failure(fetch(`http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ cause: { code: "ECONNREFUSED" } });
    expect(isDatabaseAway(error)).toBe(false);
  });
});
