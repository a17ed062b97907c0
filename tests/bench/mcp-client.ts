import { readFileSync } from "node:fs";
import { Pool } from "undici";

export const TEXT = "the machine runs at 87 percent";

/** Where calls of the tool `echo` go, and whose processor time they cost. */
export interface Way {
  name: string;
  url: string;
  headers: Record<string, string>;
  pid: number;
}

/** Sends calls of revision 2026-07-28 over kept connections, with as little work of its own as possible. */
export function openCaller({ url, headers }: Way, connections: number) {
  const target = new URL(url);
  const pool = new Pool(target.origin, { connections, pipelining: 1 });
  let last = 0;
  const call = async (): Promise<void> => {
    const id = ++last;
    const { statusCode, body } = await pool.request({
      method: "POST",
      path: target.pathname,
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "echo",
        ...headers,
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id,
        method: "tools/call",
        params: {
          name: "echo",
          arguments: { text: TEXT },
          _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
          },
        },
      }),
    });
    const answer = await body.text();
    if (statusCode !== 200 || !answer.includes(TEXT)) throw new Error(`${url}: ${statusCode} ${answer.slice(0, 500)}`);
  };
  return { call, close: () => pool.destroy() };
}

const TICK_MS = 10; // sysconf(_SC_CLK_TCK) is 100 on Linux

/** Processor time that a process has used so far, milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS; // utime, stime
}
