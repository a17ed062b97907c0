/**
 * What starts and ends pods. `local` makes child processes on loopback addresses, `kubernetes` pods of a cluster,
 * `memory` nothing at all (tests). The registry of pods is the table `Pod`; a driver tells what truly exists.
 * One conformance suite (`driver-suite.ts`) runs on all of them.
 */
export interface PodSpec {
  /** Id of the row. */
  id: string;
  /** Exchanged for the pod's token once; see `POST /internal/exchange`. */
  secret: string;
  /** Where the pod finds the gateway, for example `http://127.0.0.1:8080`. */
  gatewayUrl: string;
  /** Ed25519, PEM: verifies whatever the gateway tells the pod. */
  publicKey: string;
  /** Megabytes of heap. */
  memoryMb: number;
  version: string;
}

export interface PodSeen {
  id: string;
  /** host:port; null: not yet known. */
  address: string | null;
  phase: "starting" | "running" | "gone";
  /** Resident, megabytes, where it is known. */
  memoryMb?: number;
  /** Why it is gone. */
  reason?: string;
}

export interface PodDriver {
  name: "local" | "kubernetes" | "memory";
  /** Resolves when the pod was asked for, not when it is ready. Repeating it with the same id makes no second pod. */
  create(spec: PodSpec): Promise<void>;
  /** Everything that exists, those of an earlier process of ours included. */
  list(): Promise<PodSeen[]>;
  /** Calls back on each change, until the returned function is called. */
  watch(seen: (pod: PodSeen) => void): () => void;
  /** Ends it: asked first, killed after `graceMs`. Resolves when it is gone; one that is gone already is no error. */
  delete(id: string, graceMs: number): Promise<void>;
  /** Its last lines. */
  logs(id: string, lines: number): Promise<string>;
  /** Lets go of everything; the pods live on where the driver can find them again. */
  close(): Promise<void>;
}
