import type { Log } from "../kernel/log.ts";
import type { UpstreamDefinition, UpstreamSource } from "./gateway.ts";
import { byName } from "./names.ts";
import type { UpstreamConnection } from "./upstream/connection.ts";

/** The connections to all registered upstreams, kept in step with the source. */
export interface Registry {
  /** Those that the workspace may use, by name; null: all. Throws what the source throws until it has answered once. */
  visible(workspaceId: string | null): Promise<UpstreamConnection[]>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  source: UpstreamSource;
  open(definition: UpstreamDefinition): UpstreamConnection;
  log: Log;
  /** Milliseconds until the next try where the source could not answer. */
  retryMs?: number;
}

export function createRegistry({ source, open, log, retryMs = 2_000 }: Options): Registry {
  const connections = new Map<string, UpstreamConnection>();
  let loaded: Promise<void> | undefined;
  let loading: Promise<void> | undefined;
  let loadAgain = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const take = (definitions: UpstreamDefinition[]) => {
    const next = new Map(definitions.map((definition) => [definition.name, definition]));
    for (const [name, connection] of connections) {
      const same = next.get(name);
      if (same && JSON.stringify(same) === JSON.stringify(connection.definition)) continue;
      connections.delete(name);
      void connection.close();
    }
    for (const [name, definition] of next) if (!connections.has(name)) connections.set(name, open(definition));
  };
  const load = (): Promise<void> => {
    loadAgain = loading !== undefined;
    return (loading ??= (async () => {
      try {
        do {
          loadAgain = false;
          const definitions = await source.load();
          if (closed) return;
          take(definitions);
        } while (loadAgain);
      } finally {
        loading = undefined;
      }
    })());
  };
  /** What is known stays in use while the source cannot answer. */
  const reload = () => {
    clearTimeout(timer);
    if (closed || !loaded) return;
    load().catch((err: unknown) => {
      log.warn({ err }, "upstreams could not be loaded anew, trying again");
      if (!closed) timer = setTimeout(reload, retryMs).unref();
    });
  };
  const stopListening = source.onChange(reload);

  return {
    async visible(workspaceId) {
      loaded ??= load().catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      await loaded;
      return [...connections.values()]
        .filter(({ definition: { workspaceId: own } }) => workspaceId === null || own === null || own === workspaceId)
        .sort((a, b) => byName(a.definition, b.definition));
    },
    async reload() {
      await load();
      loaded ??= Promise.resolve();
    },
    async close() {
      closed = true;
      stopListening();
      clearTimeout(timer);
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      connections.clear();
    },
  };
}
