import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { claimPod, findSeatPod, type SeatClaim } from "#server/pods/claim.ts";
import { podVersion } from "#server/pods/version.ts";
import type { Deps } from "../deps.ts";
import type { SeatPod } from "./schema.ts";

type MineDeps = Pick<Deps, "sql" | "clock" | "settings">;

const NONE: SeatPod = { state: "none", podId: null, place: null, message: null, claimedAt: null };

function view(claim: SeatClaim | null): SeatPod {
  if (!claim) return NONE;
  const { podId, state } = claim;
  if (claim.state === "ready") return { ...NONE, state, podId, claimedAt: claim.claimedAt };
  if (claim.state === "starting") return { ...NONE, state, podId, message: "Your Node-RED is starting" };
  return {
    ...NONE,
    state,
    podId,
    place: claim.place,
    message: `Many people want an editor at the moment; you are number ${claim.place} in the queue`,
  };
}

/** The caller's own editor, as it is. */
export const myPod = async (deps: MineDeps, actor: Actor): Promise<SeatPod> => view(await findSeatPod(deps, actor));

/** Makes sure that the caller has an editor, or will have one; asked again while it starts. */
export async function openMyPod(deps: MineDeps, actor: Actor): Promise<SeatPod> {
  if (deps.settings.pods.driver === "none")
    throw new AppError(
      "unavailable",
      "pod.none",
      "This installation starts no editors. An administrator can change that",
    );
  return view(await claimPod(deps, actor, podVersion(deps.settings.version)));
}
