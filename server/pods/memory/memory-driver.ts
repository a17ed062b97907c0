import type { PodDriver, PodSeen, PodSpec } from "../driver.ts";

export interface MemoryDriver extends PodDriver {
  /** Every pod that was ever asked for. */
  created: PodSpec[];
  /** Ends a pod as a crash does. */
  crash(id: string, reason?: string): void;
  /** While it is held, pods that are created stay in their start. */
  hold: boolean;
  /** Lets those that were held become ready. */
  release(): void;
}

/** Pods that are nothing but what is said of them, for tests of everything above a driver. */
export function createMemoryDriver(): MemoryDriver {
  const pods = new Map<string, PodSeen>();
  const watchers = new Set<(pod: PodSeen) => void>();
  const tell = (pod: PodSeen) => {
    for (const watcher of watchers) watcher({ ...pod });
  };
  const begin = (id: string) => {
    const pod = pods.get(id);
    if (!pod || pod.phase !== "starting") return;
    Object.assign(pod, { phase: "running", address: `127.0.0.1:${10_000 + driver.created.length}`, memoryMb: 100 });
    tell(pod);
  };
  const end = (id: string, reason: string) => {
    const pod = pods.get(id);
    if (!pod) return;
    pods.delete(id);
    tell({ ...pod, phase: "gone", reason });
  };
  const driver: MemoryDriver = {
    name: "memory",
    created: [],
    hold: false,
    async create(spec) {
      if (pods.has(spec.id)) return;
      driver.created.push(spec);
      pods.set(spec.id, { id: spec.id, address: null, phase: "starting" });
      if (!driver.hold) setImmediate(begin, spec.id);
    },
    list: async () => [...pods.values()].map((pod) => ({ ...pod })),
    watch(seen) {
      watchers.add(seen);
      return () => void watchers.delete(seen);
    },
    delete: async (id) => end(id, "it was ended"),
    logs: async (id) => (pods.has(id) ? `log of ${id}` : ""),
    crash: (id, reason = "crashed") => end(id, reason),
    release() {
      driver.hold = false;
      for (const id of pods.keys()) begin(id);
    },
    close: async () => watchers.clear(),
  };
  return driver;
}
