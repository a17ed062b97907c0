import type { Actor } from "#server/kernel/actor.ts";

/** Who acts in measurements: an administrator of the workspace `wsp_bench`. */
export const BENCH_ACTOR: Actor = {
  userId: "usr_bench",
  name: "Bench",
  email: "bench@localhost",
  workspaceId: "wsp_bench",
  role: "admin",
  owner: false,
  via: "session",
  credentialId: "none",
  scopes: null,
};
