import type { NextAuthOptions } from "next-auth";
import type { ConsentView } from "./features/oauth/schema.ts";
import type { Actor } from "./kernel/actor.ts";
import type { Settings } from "./kernel/settings.ts";

/**
 * What pages and route handlers get from the server: made once by server/main.ts. Next evaluates our modules a second
 * time in its bundles; through this one object both see the same pools, caches and connections.
 */
export interface Container {
  about: Pick<Settings, "version" | "demo" | "publicUrl">;
  authOptions: NextAuthOptions;
  /** The HTTP API. */
  rest(request: Request): Promise<Response>;
  /** tRPC, below `/api/trpc`. */
  trpc(request: Request): Promise<Response>;
  /** Who looks at a page; null: nobody is signed in. */
  actorForPage(headers: Headers): Promise<Actor | null>;
  /** What the page that connects an app shows; null: the request has ended, or it is another browser's. */
  consent(actor: Actor, headers: Headers, uid: string): Promise<ConsentView | null>;
}

const KEY = Symbol.for("osf");
const home = globalThis as { [KEY]?: Container };

export function provideContainer(container: Container): void {
  home[KEY] = container;
}

export function container(): Container {
  const made = home[KEY];
  if (!made) throw new Error("The server was not started by server/main.ts");
  return made;
}
