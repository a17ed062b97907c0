import { createHash } from "node:crypto";

const MAX = 64; // OpenAI: ^[a-zA-Z0-9_-]{1,64}$

/** `erp.list_orders` as models take names of functions: `erp__list_orders`; longer ones end in a hash. */
export function wireName(toolName: string): string {
  const name = toolName.replace(".", "__").replaceAll(/[^a-zA-Z0-9_-]/g, "_");
  if (name.length <= MAX) return name;
  return `${name.slice(0, MAX - 9)}_${createHash("sha256").update(toolName).digest("hex").slice(0, 8)}`;
}
