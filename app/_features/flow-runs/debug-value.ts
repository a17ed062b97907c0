/**
 * What a debug node showed, as data again. Node-RED writes what JSON has no word for as `{__enc__: true, type, data}`.
 * Source: `encodeObject` of @node-red/util.
 */
export function debugValue(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > 50) return value;
  if (Array.isArray(value)) return value.map((one) => debugValue(one, depth + 1));
  const { __enc__: encoded, type, data, length, constructor } = value as Record<string, unknown>; // read as unknown
  if (encoded === true && typeof type === "string") {
    const count = typeof length === "number" ? length : null;
    switch (type) {
      case "array":
      case "set":
        return cut(debugValue(data, depth + 1), count);
      case "map":
      case "object":
        return debugValue(data, depth + 1);
      case "buffer":
      case "Buffer":
        return `<Buffer${count === null ? "" : ` ${count}`}>`;
      case "undefined":
        return undefined;
      case "number":
      case "bigint":
      case "regexp":
        return data;
      case "error":
        return debugValue(data, depth + 1);
      default:
        return `<${typeof constructor === "string" ? constructor : type}>`;
    }
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, debugValue(one, depth + 1)]));
}

/** Node-RED keeps the first thousand of a list: says so where more were there. */
function cut(list: unknown, count: number | null): unknown {
  if (!Array.isArray(list) || count === null || count <= list.length) return list;
  return [...list, `… ${count - list.length} more`];
}
