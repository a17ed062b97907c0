import { describe, expect, it } from "vitest";
import { createSecrets, veiled } from "./secrets.ts";

const secrets = createSecrets("a secret of tests that is long enough");

describe("credentials in messages", () => {
  it("are unreadable where they are stored, shown as a mark, and whole again for who goes on with the run", () => {
    const message = JSON.stringify({
      _msgid: "1",
      payload: { user: "anna", password: "hunter2", n: 3 },
      headers: { Authorization: "Bearer abc", "set-cookie": ["sid=1; Path=/", "x=2"], accept: "*/*" },
      config: { "x-api-key": { value: "k\u0000\ud83d" } },
      usage: { inputTokens: 17 },
    });
    const stored = secrets.masked(message);
    for (const secret of ["hunter2", "Bearer", "sid=1", "x=2", '"k']) expect(stored).not.toContain(secret);
    expect(secrets.restored(stored)).toBe(message);
    expect(JSON.parse(veiled(stored))).toEqual({
      _msgid: "1",
      payload: { user: "anna", password: "•••", n: 3 },
      headers: { Authorization: "•••", "set-cookie": ["•••", "•••"], accept: "*/*" },
      config: { "x-api-key": { value: "•••" } },
      usage: { inputTokens: 17 },
    });
  });

  it("leaves alone what holds none, to the letter", () => {
    const message = '{"payload":1.0,"__proto__":{"a":"\\u0000"}}';
    expect(secrets.masked(message)).toBe(message);
    expect(secrets.restored(secrets.masked('{"token":"t","__proto__":{"a":1}}'))).toBe(
      '{"token":"t","__proto__":{"a":1}}',
    );
  });

  it("are sealed equally where they are equal, and differently by installations", () => {
    const message = '{"token":"abc"}';
    expect(secrets.masked(message)).toBe(secrets.masked(message));
    const other = createSecrets("another secret of tests, long enough");
    expect(other.masked(message)).not.toBe(secrets.masked(message));
    expect(other.restored(secrets.masked(message))).toBe(secrets.masked(message));
  });

  it("survive a message that only looks sealed, and one that is nested deep", () => {
    const forged = '{"payload":"•••:v1:AAAA"}';
    expect(secrets.restored(forged)).toBe(forged);
    for (const depth of [500, 100_000]) {
      const deep = `${'{"a":'.repeat(depth)}{"token":"abc"}${"}".repeat(depth)}`;
      expect(secrets.masked(deep)).not.toContain("abc");
    }
  });
});
