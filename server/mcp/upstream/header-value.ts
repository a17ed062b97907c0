/**
 * Values of `Mcp-Name` and `Mcp-Param-*` (2026-07-28, Streamable HTTP, Value Encoding): what is no plain ASCII, has
 * blanks at its ends, or looks encoded already, is sent as `=?base64?…?=`.
 */
export function encodeHeaderValue(value: string): string {
  const plain = /^[\t\x20-\x7e]+$/.test(value) && value === value.trim() && !/^=\?base64\?.*\?=$/.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}
