import { createPlant, type Plant } from "./plant/plant.ts";
import { createCaller } from "./serve/call.ts";
import { listen, type ListeningServer } from "./serve/http.ts";
import { createSessionEndpoint, createStatelessEndpoint } from "./serve/legacy.ts";
import { createModernEndpoint } from "./serve/modern.ts";
import { DEFAULT_PORTS, SERVERS } from "./servers.ts";

export interface FactoryOptions {
  /** Address to bind; default 127.0.0.1. */
  host?: string;
  /** Wished ports by server name; 0 or a busy one gives a free port. Default 8021–8025. */
  ports?: Partial<Record<string, number>>;
  seed: number | string;
  /** The plant's clock; default the real one. */
  now?: () => Date;
  /** IANA name; default that of the host. */
  timeZone?: string;
}

export interface Factory {
  servers: { name: string; title: string; url: string; port: number }[];
  plant: Plant;
  stop(): Promise<void>;
}

const ENDPOINTS = { modern: createModernEndpoint, session: createSessionEndpoint, stateless: createStatelessEndpoint };

/** Starts the plant and its five MCP servers. When one cannot listen, those already started are stopped again. */
export async function startFactory({
  host = "127.0.0.1",
  ports = {},
  seed,
  now = () => new Date(),
  timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone,
}: FactoryOptions): Promise<Factory> {
  const plant = createPlant({ seed, start: now(), timeZone });
  const listening: ListeningServer[] = [];
  const stop = async () => {
    await Promise.all(listening.splice(0).map((server) => server.close()));
  };
  const servers: Factory["servers"] = [];
  try {
    for (const facts of SERVERS) {
      const { name, title, era, tools } = facts;
      const endpoint = ENDPOINTS[era](facts, createCaller(plant, now));
      const health = () => ({ status: "ok", server: name, tools: tools.length, plant_time: plant.now().toISOString() });
      const server = await listen(endpoint, { host, port: ports[name] ?? DEFAULT_PORTS[name], health });
      listening.push(server);
      servers.push({ name, title, url: server.url, port: server.port });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, plant, stop };
}
