import { AppError } from "../../kernel/errors.ts";

export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** The request's JSON. Throws `invalid` (`request.json`, `request.type`) or `large`. An empty body is null. */
export async function readJson(request: Request): Promise<unknown> {
  const tooLarge = new AppError("large", "request.large", "The request's body is over the limit of 10 MB");
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  if (size === 0) return null;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type))
    throw new AppError(
      "invalid",
      "request.type",
      `Send JSON with "Content-Type: application/json"${type ? `, not ${type.slice(0, 80)}` : ""}`,
    );
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (error) {
    throw new AppError("invalid", "request.json", `The body is not valid JSON: ${(error as Error).message}`, {
      fields: [{ path: "", message: (error as Error).message }],
    });
  }
}
