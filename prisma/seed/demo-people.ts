import type { Role } from "#server/kernel/permissions.ts";

export const DEMO_PEOPLE = [
  { email: "admin@demo.local", name: "Ana", role: "admin", owner: true },
  { email: "engineer@demo.local", name: "Ben", role: "editor", owner: false },
  { email: "operator@demo.local", name: "Olga", role: "operator", owner: false },
] as const satisfies { email: string; name: string; role: Role; owner: boolean }[];

/** Whose editor holds the demo's flows. */
export const FLOW_AUTHOR = "engineer@demo.local";

/** The workspace that the three share; a fixed id makes a second seeding find it. */
export const DEMO_WORKSPACE_ID = "wsp_demo";

/** What the accounts file holds, and what the start prints. */
export interface DemoAccounts {
  url: string;
  accounts: { email: string; password: string; role: string }[];
}
