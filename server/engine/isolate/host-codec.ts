import { createCodec } from "#server/engine/isolate/codec.ts";

/** The codec with Node's buffers. */
export const hostCodec = createCodec({
  toText: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  fromText: (text) => Buffer.from(text, "base64"),
});
