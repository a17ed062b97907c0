import type { Actor } from "../../../kernel/actor.ts";
import type { Json } from "../../exchange.ts";
import type { ToolGateway } from "../../gateway.ts";
import type { Answer } from "../wire/answer.ts";
import { followChanges } from "./changes.ts";
import type { OwnToolSource } from "../own-tools.ts";
import { invalidParams, isObject, objectAt, SERVER_KEY, SUBSCRIPTION_KEY, type RpcRequest } from "../wire/rpc.ts";
import type { Surface, Watched } from "../surface/surface.ts";

const MOST_RESOURCES = 200;
const LISTS = { tools: "toolsListChanged", resources: "resourcesListChanged", prompts: "promptsListChanged" } as const;

/**
 * `subscriptions/listen` (2026-07-28): says first what it will tell of, then tells of it until the client goes, or
 * `closing` aborts. Only what the client asked for and the endpoint has.
 */
export async function listen(
  deps: { gateway: ToolGateway; ownTools: OwnToolSource },
  {
    surface,
    actor,
    request,
    answer,
    closing,
  }: {
    surface: Surface;
    actor: Actor;
    request: RpcRequest;
    answer: Answer;
    closing: AbortSignal;
  },
): Promise<void> {
  const { id, params } = request;
  const wanted = params["notifications"];
  if (!isObject(wanted)) throw invalidParams("`notifications` says what to listen to: it is missing");
  const uris = wanted["resourceSubscriptions"] ?? [];
  if (!Array.isArray(uris) || uris.some((uri) => typeof uri !== "string") || uris.length > MOST_RESOURCES)
    throw invalidParams(`resourceSubscriptions is a list of at most ${MOST_RESOURCES} URIs`);
  const { capabilities, serverInfo } = await surface.about(actor, "modern");
  const lists = Object.entries(LISTS).filter(
    ([kind, asked]) => wanted[asked] === true && objectAt(capabilities, kind)["listChanged"] === true,
  );
  const watched = new Map<string, Watched>();
  const subscribable = objectAt(capabilities, "resources")["subscribe"] === true;
  const stopAll = () => watched.forEach(({ stop }) => stop());
  if (subscribable)
    for (const uri of uris as string[]) {
      // One that does not exist is left out of what is acknowledged.
      const one = await surface.watch(actor, uri).catch(() => undefined);
      if (one) watched.set(uri, one);
    }
  const tell = (method: string, content: Json) =>
    answer.send({
      jsonrpc: "2.0",
      method,
      params: { ...content, _meta: { ...objectAt(content, "_meta"), [SUBSCRIPTION_KEY]: id } },
    });
  tell("notifications/subscriptions/acknowledged", {
    notifications: {
      ...Object.fromEntries(lists.map(([, asked]) => [asked, true])),
      ...(watched.size > 0 && { resourceSubscriptions: [...watched.keys()] }),
    },
  });
  const end = () => {
    stopAll();
    answer.end({
      jsonrpc: "2.0",
      id,
      result: { resultType: "complete", _meta: { [SUBSCRIPTION_KEY]: id, [SERVER_KEY]: serverInfo } },
    });
  };
  if ((lists.length === 0 && watched.size === 0) || closing.aborted) return end();
  const stop = followChanges(deps, surface, actor, (change) => {
    if (change.kind === "log") return;
    if (change.kind !== "resource") {
      if (lists.some(([kind]) => kind === change.kind)) tell(`notifications/${change.kind}/list_changed`, {});
      return;
    }
    for (const [uri, one] of watched)
      if (one.upstream === change.upstream && one.uri === change.uri) tell("notifications/resources/updated", { uri });
  });
  await new Promise<void>((done) => {
    answer.signal.addEventListener("abort", () => done(), { once: true });
    closing.addEventListener("abort", () => done(), { once: true });
    if (answer.signal.aborted || closing.aborted) done();
  });
  stop();
  end();
}
