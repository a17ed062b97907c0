import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { container } from "#server/container.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { signInPath } from "./next-path.ts";

/** Who looks at the page; null: nobody is signed in. Asked once a rendering, by layout and page together. */
export const currentActor = cache(async (): Promise<Actor | null> =>
  container().actorForPage(new Headers(await headers())),
);

/** Who looks at the page at `path`; whoever is not signed in goes there first and comes back. Server components only. */
export async function pageActor(path: string): Promise<Actor> {
  return (await currentActor()) ?? redirect(signInPath(path));
}
