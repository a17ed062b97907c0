import { listHeaders, listRequest } from "./client-guides.ts";

export type AskOutcome =
  { kind: "works"; tools: string[] } | { kind: "refused"; status: number; message: string } | { kind: "unreachable" };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Asks an MCP endpoint for its tools as a client with the key would; never with the session of the browser. */
export async function askForTools(url: string, key: string, send: typeof fetch = fetch): Promise<AskOutcome> {
  let response: Response;
  try {
    response = await send(url, {
      method: "POST",
      credentials: "omit",
      headers: { ...listHeaders, Authorization: `Bearer ${key}` },
      body: JSON.stringify(listRequest),
    });
  } catch {
    return { kind: "unreachable" };
  }
  const text = await response.text().catch(() => "");
  const answer = lastMessage(text);
  const result = isRecord(answer) && isRecord(answer["result"]) ? answer["result"] : null;
  const tools = result && Array.isArray(result["tools"]) ? (result["tools"] as unknown[]) : null;
  if (response.ok && tools)
    return {
      kind: "works",
      tools: tools.flatMap((tool) => (isRecord(tool) && typeof tool["name"] === "string" ? [tool["name"]] : [])),
    };
  const error = isRecord(answer) && isRecord(answer["error"]) ? answer["error"]["message"] : undefined;
  const detail = isRecord(answer) ? (error ?? answer["detail"] ?? answer["title"] ?? answer["error_description"]) : "";
  return { kind: "refused", status: response.status, message: typeof detail === "string" ? detail : "" };
}

/** The answer is JSON, or an event stream whose last message it is. */
function lastMessage(text: string): unknown {
  const data = text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim())
    .findLast(Boolean);
  try {
    return JSON.parse(data ?? text);
  } catch {
    return null;
  }
}
