import type { z } from "zod";

/** `a.b[0].c` from zod's path. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    "",
  );

/** Wrong fields with their paths; an unknown field is named by itself. */
export function fieldErrors(error: z.ZodError, where = ""): { path: string; message: string }[] {
  return error.issues.flatMap((issue) => {
    const base = pathText(where ? [where, ...issue.path] : issue.path);
    if (issue.code !== "unrecognized_keys") return [{ path: base, message: issue.message }];
    return issue.keys.map((key) => ({ path: base ? `${base}.${key}` : key, message: "Unknown field; remove it" }));
  });
}
