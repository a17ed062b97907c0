import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../../kernel/log.ts";
import type { PodDriver, PodSeen, PodSpec } from "../driver.ts";
import { podFolders } from "../version.ts";
import { chooseContainment } from "./containment.ts";
import { readPodLog } from "./pod-log.ts";
import { openStates, type PodState } from "./pod-state.ts";
import { createShared } from "./prime.ts";
import { factsOf } from "./process-facts.ts";
import type { PodTokens } from "../tokens.ts";
import { startProgram, type FromProgram } from "./start-program.ts";

export interface LocalOptions {
  dataDir: string;
  /** The pods end when this process is gone. */
  launcherPid: number;
  /** Of the pod program, see `podVersion`. */
  version: string;
  tokens: PodTokens;
  log: Log;
  /** How often the processes are looked at, milliseconds. */
  lookMs?: number;
}

const HOST = "127.0.0.1";
const LARGEST_LOG = 4_000_000;
/** Starts programs, which a pod's permissions do not allow; the file nodes see the pod's own home. */
const EXCLUDE = ["90-exec.js"];

interface Known extends PodState {
  phase: PodSeen["phase"];
  memoryMb?: number;
  /** Null: adopted from an earlier process of ours. */
  child: ChildProcess | null;
}

/**
 * Pods as processes of this machine, on loopback ports. They survive the process that started them: what is known of
 * them is in `<dataDir>/pods/<id>/state.json`, and `openLocalDriver` of the next one adopts those that live and removes
 * the rest.
 */
export async function openLocalDriver(options: LocalOptions): Promise<PodDriver> {
  const { dataDir, launcherPid, version, tokens, log, lookMs = 1_000 } = options;
  const states = openStates(path.join(dataDir, "pods"));
  const containment = await chooseContainment(dataDir, log);
  const nodesDirs = existsSync(path.join(podFolders.nodes, "package.json")) ? [podFolders.nodes] : [];
  const shared = createShared(containment, version, { nodesDirs, exclude: EXCLUDE, tokens, dataDir }, log);
  const launcherStart = (await factsOf(launcherPid))?.startTime ?? null;
  const pods = new Map<string, Known>();
  const watchers = new Set<(pod: PodSeen) => void>();

  const seenOf = ({ id, address, phase, memoryMb }: Known, reason?: string): PodSeen => ({
    id,
    address,
    phase,
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(reason ? { reason } : {}),
  });
  const tell = (pod: Known, reason?: string) => {
    for (const watcher of watchers) watcher(seenOf(pod, reason));
  };
  const forget = (pod: Known, reason: string) => {
    if (pods.get(pod.id) !== pod) return;
    pods.delete(pod.id);
    pod.phase = "gone";
    states.remove(pod.id);
    rmSync(pod.home, { recursive: true, force: true });
    states.pruneLogs(new Set(pods.keys()));
    tell(pod, reason);
  };

  /** Whether the process is there and still the same; its memory is noted. */
  async function look(pod: Known): Promise<void> {
    const facts = await factsOf(pod.pid);
    if (!facts || facts.startTime !== pod.startTime)
      return forget(pod, pod.child ? "its process ended" : "its process was gone");
    pod.memoryMb = facts.memoryMb;
    const file = states.logOf(pod.id);
    if (existsSync(file) && statSync(file).size > LARGEST_LOG) truncateSync(file); // it is opened to append
  }

  for (const { id, state } of states.all()) {
    const facts = state && (await factsOf(state.pid));
    if (state && facts && facts.startTime === state.startTime) {
      const pod: Known = { ...state, phase: "running", memoryMb: facts.memoryMb, child: null };
      pods.set(id, pod);
      if (state.address === null) {
        kill(pod, "SIGKILL");
        forget(pod, "it was starting when the gateway died");
      }
    } else {
      if (state) rmSync(state.home, { recursive: true, force: true });
      states.remove(id);
    }
  }
  const timer = setInterval(
    () => void Promise.all([...pods.values()].filter(({ phase }) => phase === "running").map(look)),
    lookMs,
  );

  const creating = new Map<string, Promise<void>>();
  /** Users of pods that are being started: two starts at once must not choose the same. */
  const reserved = new Map<string, number>();
  async function start(spec: PodSpec): Promise<void> {
    const uid = containment.pickUid(
      new Set([...reserved.values(), ...[...pods.values()].flatMap((pod) => pod.uid ?? [])]),
    );
    if (uid !== null) reserved.set(spec.id, uid);
    const home = containment.makeHome(spec.id, uid);
    writeFileSync(path.join(home, "package.json"), "{}"); // Node-RED looks for one
    const compileCache = await shared.cacheFor(home);
    const output = openSync(states.logOf(spec.id), "a", 0o600);
    let child: ChildProcess;
    try {
      child = startProgram({
        config: {
          id: spec.id,
          secret: spec.secret,
          gatewayUrl: spec.gatewayUrl,
          publicKey: spec.publicKey,
          home,
          host: HOST,
          nodesDirs,
          exclude: EXCLUDE,
          cache: compileCache,
          launcher: { pid: launcherPid, startTime: launcherStart },
          prime: false,
        },
        memoryMb: spec.memoryMb,
        uid,
        output,
      });
    } finally {
      closeSync(output);
    }
    const pid = child.pid ?? -1;
    const startTime = pid > 0 ? ((await factsOf(pid))?.startTime ?? "") : "";
    const pod: Known = { id: spec.id, pid, startTime, address: null, uid, home, phase: "starting", child };
    pods.set(spec.id, pod);
    const gone = (reason: string) => forget(pod, reason);
    child.once("error", (error) => gone(error.message));
    child.once("exit", (code, signal) => gone(signal ? `ended by ${signal}` : `ended with code ${code}`));
    child.once("message", (message: FromProgram) => {
      if (message.type === "failed") return gone(message.message);
      pod.address = `${HOST}:${message.port}`;
      pod.phase = "running";
      states.write(pickState(pod));
      tell(pod);
    });
    child.unref();
    if (child.exitCode !== null || child.signalCode !== null) gone("it did not start");
    else states.write(pickState(pod));
  }

  return {
    name: "local",
    create(spec) {
      if (pods.has(spec.id)) return Promise.resolve();
      let under = creating.get(spec.id);
      if (!under) {
        under = start(spec).finally(() => {
          creating.delete(spec.id);
          reserved.delete(spec.id);
        });
        creating.set(spec.id, under);
      }
      return under;
    },
    async list() {
      const early = [...creating.keys()].filter((id) => !pods.has(id));
      return [
        ...early.map((id) => ({ id, address: null, phase: "starting" as const })),
        ...[...pods.values()].map((pod) => seenOf(pod)),
      ];
    },
    watch(seen) {
      watchers.add(seen);
      return () => void watchers.delete(seen);
    },
    async delete(id, graceMs) {
      await creating.get(id)?.catch(() => undefined);
      const pod = pods.get(id);
      if (!pod) return;
      const gone = () => pods.get(id) !== pod;
      // A pod that is not ready has nothing to finish.
      if (pod.phase === "running") kill(pod, "SIGTERM");
      else kill(pod, "SIGKILL");
      for (const until = Date.now() + graceMs; !gone() && Date.now() < until;) {
        await wait(Math.min(50, graceMs));
        if (!gone()) await look(pod);
      }
      if (gone()) return;
      kill(pod, "SIGKILL");
      while (!gone() && (await factsOf(pod.pid))?.startTime === pod.startTime) await wait(10);
      forget(pod, "it was ended");
    },
    logs(id, lines) {
      return readPodLog(dataDir, id, lines);
    },
    async close() {
      clearInterval(timer);
      await Promise.all(creating.values());
      for (const { child } of pods.values()) {
        child?.removeAllListeners();
        if (child?.connected) child.disconnect(); // one that is still starting ends itself
      }
      watchers.clear();
    },
  };
}

const pickState = ({ id, pid, startTime, address, uid, home }: Known): PodState => ({
  id,
  pid,
  startTime,
  address,
  uid,
  home,
});

/** The pod's whole group; nothing where the process is another one by now. */
function kill(pod: Known, signal: "SIGTERM" | "SIGKILL"): void {
  if (pod.pid <= 0) return;
  try {
    process.kill(-pod.pid, signal);
  } catch {
    // it is gone
  }
}
