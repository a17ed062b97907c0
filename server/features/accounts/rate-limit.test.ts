import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#tests/support/test-database.ts";
import { apiRate, countedAddress, holdRate, LIMITS, RateLimitError } from "./rate-limit.ts";

let base: TestDatabase;
let sql: pg.Pool;
beforeAll(async () => {
  base = await createTestDatabase();
  sql = new pg.Pool({ connectionString: base.url });
});
afterAll(async () => {
  await sql.end();
  await base.drop();
});

const someIp = () => `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}::1`;

it.each(Object.entries(LIMITS))("holds %s at its limit", async (name, limit) => {
  const limitName = name as keyof typeof LIMITS; // Object.entries widens the names
  const key = name === "login-email" ? `${randomBytes(4).toString("hex")}@example.com` : someIp();
  for (let left = limit.perMinute - 1; left >= 0; left--)
    expect(await holdRate({ sql }, limitName, key)).toMatchObject({
      "RateLimit-Limit": String(limit.perMinute),
      "RateLimit-Remaining": String(left),
    });
  const error = await holdRate({ sql }, limitName, key).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({
    kind: "limited",
    code: "rate.limited",
    headers: { "RateLimit-Remaining": "0", "Retry-After": expect.stringMatching(/^([1-9]|[1-5]\d|60)$/) },
  });
});

it("bounds the requests of one address to the API, and says how many are left", async () => {
  const limit = apiRate(3);
  const ip = someIp();
  expect(await limit(ip)).toMatchObject({
    "RateLimit-Limit": "3",
    "RateLimit-Remaining": "2",
    "RateLimit-Policy": "3;w=60",
  });
  await limit(ip);
  await limit(ip);
  await expect(limit(ip)).rejects.toMatchObject({ code: "rate.limited" });
  expect(await limit(someIp())).toMatchObject({ "RateLimit-Remaining": "2" });
});

it("counts for all processes together, and each key and limit by itself", async () => {
  const other = new pg.Pool({ connectionString: base.url });
  try {
    const ip = someIp();
    await holdRate({ sql }, "register", ip);
    await holdRate({ sql: other }, "register", ip);
    expect(await holdRate({ sql }, "register", ip)).toMatchObject({ "RateLimit-Remaining": "0" });
    expect(await holdRate({ sql }, "register", someIp())).toMatchObject({ "RateLimit-Remaining": "2" });
    expect(await holdRate({ sql }, "login-ip", ip)).toMatchObject({ "RateLimit-Remaining": "9" });
  } finally {
    await other.end();
  }
});

it("counts by itself while the database is away", async () => {
  const away = new pg.Pool({ connectionString: "postgresql://nobody@127.0.0.1:1/nothing" });
  const ip = someIp();
  try {
    for (let i = 0; i < 3; i++) await holdRate({ sql: away }, "register", ip);
    await expect(holdRate({ sql: away }, "register", ip)).rejects.toMatchObject({ code: "rate.limited" });
  } finally {
    await away.end();
  }
});

it("stores no e-mail address", async () => {
  await holdRate({ sql }, "login-email", "ana@example.com");
  const { rows } = await sql.query<{ key: string }>(`SELECT "key" FROM "RateLimit"`);
  expect(rows.map(({ key }) => key).filter((key) => key.includes("@"))).toEqual([]);
});

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("counts %s as %s", (ip, counted) => {
  expect(countedAddress(ip)).toBe(counted);
});
