import type { Actor } from "../../../kernel/actor.ts";
import { allows } from "../../../kernel/permissions.ts";
import type { Json } from "../../exchange.ts";
import type { GatewayChange, ToolGateway } from "../../gateway.ts";
import type { OwnToolSource } from "../own-tools.ts";
import type { Surface } from "../surface/surface.ts";

export type Change =
  | { kind: "tools" | "resources" | "prompts" }
  | { kind: "resource"; upstream: string; uri: string }
  | { kind: "log"; params: Json };

/**
 * What an upstream logs by itself may be about any call of those who share the connection: it is told where only the
 * actor's workspace does.
 */
const mayReadLog = ({ workspaceId, userId }: GatewayChange, actor: Actor) =>
  (workspaceId !== null || userId !== null) && allows(actor, "plant.read");

/** Several changes of one list within this are one. */
const GATHER_MS = 25;

/** Tells of changes at an endpoint as far as the actor may know of them, until the returned function is called. */
export function followChanges(
  { gateway, ownTools }: { gateway: Pick<ToolGateway, "onChange">; ownTools: OwnToolSource },
  surface: Surface,
  actor: Actor,
  heard: (change: Change) => void,
): () => void {
  const lists = new Set<"tools" | "resources" | "prompts">();
  let timer: NodeJS.Timeout | undefined;
  const gather = (...kinds: ("tools" | "resources" | "prompts")[]) => {
    for (const kind of kinds) lists.add(kind);
    timer ??= setTimeout(() => {
      timer = undefined;
      const gathered = [...lists];
      lists.clear();
      for (const kind of gathered) heard({ kind });
    }, GATHER_MS);
  };
  const isOurs = ({ workspaceId, userId }: GatewayChange) =>
    (workspaceId === null || workspaceId === actor.workspaceId) && (userId === null || userId === actor.userId);
  const ends = [
    gateway.onChange((change) => {
      if (!surface.concerns(change) || !isOurs(change)) return;
      if (change.kind === "upstream") gather("tools", "resources", "prompts");
      else if (change.kind === "resource") heard({ kind: "resource", upstream: change.upstream, uri: change.uri });
      else if (change.kind === "log") {
        if (mayReadLog(change, actor)) heard({ kind: "log", params: change.params });
      } else gather(change.kind);
    }),
    ...(surface.hasOwnTools
      ? [
          ownTools.onChange(
            (workspaceId) => (workspaceId === null || workspaceId === actor.workspaceId) && gather("tools"),
          ),
        ]
      : []),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
