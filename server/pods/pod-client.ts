import { z } from "zod";
import { AppError } from "../kernel/errors.ts";
import { POD_TOKEN_HEADER, type Assignment, type PodTokens } from "./tokens.ts";

export const PodBusy = z.object({ runs: z.number(), http: z.number(), timers: z.number() });
export type PodBusy = z.infer<typeof PodBusy>;
const Health = z.object({
  seat: z.string().nullable(),
  revision: z.number().nullable(),
  busy: PodBusy,
  memoryMb: z.number(),
});
export type PodHealth = z.infer<typeof Health>;

export interface PodAt {
  id: string;
  /** host:port */
  address: string;
}

/** Work that must not be interrupted. Timers alone are none: flows that are to run by the clock belong on the engine. */
export const isBusy = (busy: PodBusy): boolean => busy.runs > 0 || busy.http > 0;

/**
 * The gateway's own requests to a pod. What a pod answers is never believed beyond the shapes here.
 * Throws AppError `unavailable` (`pod.unreachable`), `upstream` (`pod.refused`, with the pod's code in the detail).
 */
export function createPodClient(tokens: PodTokens) {
  async function ask(pod: PodAt, method: string, path: string, token: string, timeoutMs: number): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`http://${pod.address}/_pod/${path}`, {
        method,
        headers: { [POD_TOKEN_HEADER]: token },
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (cause) {
      throw new AppError("unavailable", "pod.unreachable", "The editor's process does not answer", {
        retryAfter: 2,
        cause,
        detail: { podId: pod.id },
      });
    }
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok)
      throw new AppError("upstream", "pod.refused", `The editor's process answered ${response.status}`, {
        detail: { podId: pod.id, body },
      });
    return body;
  }
  return {
    health: async (pod: PodAt, timeoutMs = 5_000): Promise<PodHealth> =>
      Health.parse(await ask(pod, "GET", "health", tokens.control(pod.id), timeoutMs)),
    /** Repeating it for the same seat is no error; a pod that is another's refuses. */
    assign: (pod: PodAt, assignment: Assignment) =>
      ask(pod, "POST", "assign", tokens.assign(pod.id, assignment), 20_000),
    /** Reads the seat's document anew and starts its flows. */
    reload: (pod: PodAt) => ask(pod, "POST", "reload", tokens.control(pod.id), 20_000),
  };
}
export type PodClient = ReturnType<typeof createPodClient>;
