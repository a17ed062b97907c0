import type { Log } from "../kernel/log.ts";
import type { UpstreamDefinition, UpstreamSource } from "./gateway.ts";
import type { Viewer } from "./exchange.ts";
import { byName } from "./names.ts";
import type { UpstreamConnection } from "./upstream/connection.ts";

/** A registered upstream with its connections. */
export interface Registered {
  readonly definition: UpstreamDefinition;
  /** The connection for that person: everybody's, or their own where each person consents. */
  connection(who: Viewer): UpstreamConnection;
  /** All that are open or were tried. */
  connections(): UpstreamConnection[];
}

/** The connections to all registered upstreams, kept in step with the source. */
export interface Registry {
  /**
   * Those that the workspace may use, by name; null: all. Of two with one name only the one for everybody. Throws what
   * the source throws until it has answered once.
   */
  visible(workspaceId: string | null): Promise<readonly Registered[]>;
  /** One of them, where it is known without waiting. */
  known(workspaceId: string, name: string): Registered | undefined;
  byId(id: string): Registered | undefined;
  reload(): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  source: UpstreamSource;
  open(definition: UpstreamDefinition, who: Viewer | null): UpstreamConnection;
  /** An upstream was registered, changed or removed. */
  changed(definition: UpstreamDefinition): void;
  log: Log;
  /** Milliseconds until the next try where the source could not answer. */
  retryMs?: number;
}

/** Connections of persons to one upstream; the one that was used longest ago makes room. */
const MOST_PERSONS = 500;

export function createRegistry({ source, open, changed, log, retryMs = 2_000 }: Options): Registry {
  const registered = new Map<string, ReturnType<typeof register>>();
  const views = new Map<string, Map<string, Registered>>();
  let loaded: Promise<void> | undefined;
  let answered = false;
  let loading: Promise<void> | undefined;
  let loadAgain = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const register = (definition: UpstreamDefinition) => {
    const persons = new Map<string, UpstreamConnection>();
    let shared: UpstreamConnection | undefined;
    const connections = () => [...(shared ? [shared] : []), ...persons.values()];
    return {
      definition,
      connection(who: Viewer) {
        if (definition.auth.kind !== "oauth-user") return (shared ??= open(definition, null));
        const key = `${who.workspaceId} ${who.userId}`;
        const own = persons.get(key) ?? open(definition, who);
        persons.delete(key);
        persons.set(key, own); // the last is the one that was used last
        const [oldest] = persons.size > MOST_PERSONS ? persons : [];
        if (oldest && persons.delete(oldest[0])) oldest[1].retire();
        return own;
      },
      connections,
      close: async () => void (await Promise.all(connections().map((connection) => connection.close()))),
    };
  };

  const take = (definitions: UpstreamDefinition[]) => {
    const next = new Map(definitions.map((definition) => [definition.id, definition]));
    const different: UpstreamDefinition[] = [];
    for (const [id, { definition, connections, close }] of registered) {
      const same = next.get(id);
      if (same && JSON.stringify(same) === JSON.stringify(definition)) continue;
      registered.delete(id);
      // What is under way while an upstream is changed may end; what is removed or disabled ends at once.
      if (same?.enabled) connections().forEach((connection) => connection.retire());
      else void close();
      if (!same) different.push(definition);
    }
    for (const [id, definition] of next)
      if (!registered.has(id)) {
        registered.set(id, register(definition));
        different.push(definition);
      }
    views.clear();
    answered = true;
    different.forEach(changed);
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

  const viewOf = (workspaceId: string): Map<string, Registered> => {
    let view = views.get(workspaceId);
    if (!view) {
      const own = [...registered.values()]
        .filter(({ definition }) => definition.workspaceId === null || definition.workspaceId === workspaceId)
        // those for everybody come last, and so win
        .sort((a, b) => Number(a.definition.workspaceId === null) - Number(b.definition.workspaceId === null));
      view = new Map(own.map((one) => [one.definition.name, one] as const));
      view = new Map([...view.values()].sort(byDefinition).map((one) => [one.definition.name, one]));
      if (views.size >= 1_000) views.clear();
      views.set(workspaceId, view);
    }
    return view;
  };

  return {
    async visible(workspaceId) {
      if (!answered) {
        loaded ??= load().catch((error: unknown) => {
          loaded = undefined;
          throw error;
        });
        await loaded;
      }
      return workspaceId === null ? [...registered.values()].sort(byDefinition) : [...viewOf(workspaceId).values()];
    },
    known: (workspaceId, name) => (answered ? viewOf(workspaceId).get(name) : undefined),
    byId: (id) => registered.get(id),
    async reload() {
      await load();
      loaded ??= Promise.resolve();
    },
    async close() {
      closed = true;
      stopListening();
      clearTimeout(timer);
      await Promise.all([...registered.values()].map(({ close }) => close()));
      registered.clear();
      views.clear();
    },
  };
}

const byDefinition = (a: Registered, b: Registered) => byName(a.definition, b.definition);
