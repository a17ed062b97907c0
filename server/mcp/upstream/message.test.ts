import { describe, expect, it } from "vitest";
import { isResponse, messagesOf } from "./message.ts";
import { NotMcp } from "./wire-errors.ts";

const nested = (depth: number, open = "[", close = "]") =>
  `{"jsonrpc":"2.0","id":1,"result":{"a":${open.repeat(depth)}${close.repeat(depth)}}}`;

describe("what a server sends", () => {
  it("is one message, or the batch of revision 2025-03-26", () => {
    const [request] = messagesOf('{"jsonrpc":"2.0","id":"q","method":"ping"}');
    expect(request).toEqual({ jsonrpc: "2.0", id: "q", method: "ping" });
    expect(isResponse(request!)).toBe(false);
    const batch = messagesOf(
      '[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"x"}}]',
    );
    expect(batch.map(isResponse)).toEqual([true, true]);
  });

  it.each([
    "",
    "null",
    "7",
    "[7]",
    "{}",
    '{"jsonrpc":"1.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","id":{},"result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":[]}',
    '{"jsonrpc":"2.0","id":1,"error":"no"}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":"x"}}',
    '{"jsonrpc":"2.0","method":"a","params":[]}',
    '{"jsonrpc":"2.0","id":1,"result":{}',
  ])("is refused where it is no message: %s", (text) => expect(() => messagesOf(text)).toThrow(NotMcp));

  it("is refused where it is nested deeper than a hundred, brackets in texts aside", () => {
    expect(messagesOf(nested(98))).toHaveLength(1);
    expect(() => messagesOf(nested(99))).toThrow("nested too deeply");
    expect(() => messagesOf(nested(1_000_000))).toThrow("nested too deeply");
    expect(() => messagesOf(nested(200, '{"a":', "}").replace('{"a":}', '{"a":1}'))).toThrow("nested too deeply");
    const text = `${"[".repeat(500)} \\" ${"{".repeat(500)} \\\\`;
    const [message] = messagesOf(`{"jsonrpc":"2.0","id":1,"result":{"a":"${text}","b":["c"]}}`);
    expect(message?.result?.["b"]).toEqual(["c"]);
  });
});
