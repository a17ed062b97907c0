/** A path with parameters, as Express 4 reads the ones of `http in` nodes. */
export interface EndpointPath {
  /** The parameters of a path that it matches; null: it does not. */
  match(path: string): Record<string, string> | null;
}

interface Segment {
  before: string;
  name: string | null;
  after: string;
  optional: boolean;
}

const PARAMETER = /^([^:*()?+\\[\]]*)(?::(\w+)(\?)?)?([^:*()?+\\[\]]*)$/;

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/**
 * Literal segments, `:name`, `:name?`, `pre:name.post` and a `*` at the end. Null for what else Express knows: patterns
 * of people's own are not executed in the gateway; such a flow answers in its pod. Without regard to case, and to a
 * slash at the end, as Express does it by default.
 */
export function endpointPath(pattern: string): EndpointPath | null {
  const parts = pattern.split("/").filter((part, i, all) => part !== "" || (i > 0 && i < all.length - 1));
  const rest = parts.at(-1) === "*";
  const segments: Segment[] = [];
  for (const part of rest ? parts.slice(0, -1) : parts) {
    const found = PARAMETER.exec(part);
    if (!found) return null;
    const [, before = "", name = null, optional, after = ""] = found;
    // An optional part with text around it would match across segments.
    if (optional && (before || after)) return null;
    segments.push({ before: before.toLowerCase(), name, after: after.toLowerCase(), optional: optional !== undefined });
  }
  // Which of several optional parts is missing would have to be tried out.
  const firstOptional = segments.findIndex(({ optional }) => optional);
  if (firstOptional >= 0 && segments.slice(firstOptional).some(({ optional }) => !optional)) return null;
  return {
    match(path) {
      const given = path.split("/").slice(1);
      if (given.at(-1) === "" && !rest) given.pop();
      if (given.length > segments.length && !rest) return null;
      const params: Record<string, string> = {};
      for (const [i, { before, name, after, optional }] of segments.entries()) {
        const part = given[i];
        if (part === undefined || (part === "" && optional)) {
          if (optional) continue;
          return null;
        }
        const lower = part.toLowerCase();
        if (name === null) {
          if (lower !== before + after) return null;
          continue;
        }
        const length = part.length - before.length - after.length;
        if (length < 1 || !lower.startsWith(before) || !lower.endsWith(after)) return null;
        params[name] = decoded(part.slice(before.length, before.length + length));
      }
      if (rest) {
        if (given.length <= segments.length) return null;
        params[0] = given.slice(segments.length).map(decoded).join("/");
      }
      return params;
    },
  };
}
