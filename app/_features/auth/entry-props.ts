import { redirect } from "next/navigation";
import { DEMO_PEOPLE } from "../../../prisma/seed/demo-people.ts";
import { container } from "#server/container.ts";
import { safeNext } from "./next-path.ts";
import { currentActor } from "./page-actor.ts";

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** What the sign-in and registration pages show; whoever is signed in already goes on at once. */
export async function entryProps(searchParams: SearchParams) {
  const { next: wanted } = await searchParams;
  const next = safeNext(typeof wanted === "string" ? wanted : null);
  if (await currentActor()) redirect(next);
  const { version, demo } = container().about;
  return { next, version, demoAccounts: demo ? DEMO_PEOPLE.map(({ email }) => email) : [] };
}
