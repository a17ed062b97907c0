import { WebSocket } from "ws";
import { until } from "./until.ts";

/** Node-RED's admin API as the editor uses it, through the gateway. */
export interface Node {
  id: string;
  type: string;
  [property: string]: unknown;
}

export function editorClient(url: string, headers: Record<string, string>) {
  const base = `${url}/flows/editor`;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(base + path, { ...init, headers: { ...headers, "Node-RED-API-Version": "v2", ...init.headers } });
  const client = {
    base,
    headers,
    ask,
    async flows() {
      const response = await ask("/flows");
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      return (await response.json()) as { flows: Node[]; rev: string }; // API version 2 of Node-RED
    },
    deploy: (flows: Node[], rev?: string) =>
      ask("/flows", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ flows, ...(rev ? { rev } : {}) }),
      }),
    inject: (id: string) => ask(`/inject/${id}`, { method: "POST" }),
    /** A socket of the editor, with what it hears. */
    async comms(extra: Record<string, string> = {}) {
      const socket = new WebSocket(`${base.replace(/^http/, "ws")}/comms`, { headers: { ...headers, ...extra } });
      const heard: { topic: string; data: unknown }[] = [];
      socket.on("message", (data) => {
        // Node-RED sends one message, or a list of them
        const said = JSON.parse(String(data)) as (typeof heard)[number] | typeof heard; // oxlint-disable-line no-base-to-string
        heard.push(...[said].flat());
      });
      await new Promise<void>((opened, failed) => {
        socket.once("open", opened);
        socket.once("error", failed);
      });
      return { socket, heard };
    },
    /**
     * Runs code in a function node of the seat's pod, as whoever uses the editor can. The code is the body of an async
     * function; what it returns is answered.
     */
    async run(code: string, deadlineMs = 20_000): Promise<unknown> {
      const { flows, rev } = await client.flows();
      const own = flows.filter(({ id, z }) => id !== "attack" && z !== "attack");
      const out = `out${Date.now()}`;
      const body = `(async () => {\n${code}\n})().then(v => ({value: v}), e => ({error: String(e && e.code || ''), message: String(e && e.message)})).then(r => { const parts = JSON.stringify(r).match(/[^]{1,800}/g); parts.forEach((part, i) => global.set("${out}_" + i, part)); global.set("${out}", String(parts.length)); });`;
      const deployed = await client.deploy(
        [
          ...own,
          { id: "attack", type: "tab", label: "Attack" },
          { id: "attack-in", type: "inject", z: "attack", props: [], wires: [["attack-fn"]] },
          { id: "attack-fn", type: "function", z: "attack", func: body, outputs: 1, libs: [], wires: [[]] },
        ],
        rev,
      );
      if (!deployed.ok) throw new Error(`${deployed.status}: ${await deployed.text()}`);
      await until("the node can be started", async () => (await client.inject("attack-in")).ok);
      // Node-RED shows the first thousand characters of a value: what is longer comes in parts.
      const read = async (key: string) => {
        const answer = await ask(`/context/global/${key}`);
        const { msg, format } = (await answer.json()) as { msg?: string; format?: string }; // Node-RED's shape
        return format === "undefined" ? null : msg;
      };
      const count = Number(await until("the code has ended", () => read(out), deadlineMs));
      let text = "";
      for (let i = 0; i < count; i++) text += await read(`${out}_${i}`);
      const result = JSON.parse(text) as {
        value?: unknown;
        error?: string;
        message?: string;
      };
      if (result.error !== undefined) throw new Error(`${result.error}: ${result.message}`);
      return result.value;
    },
  };
  return client;
}
