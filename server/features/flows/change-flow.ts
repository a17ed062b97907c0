import type { NodeDef } from "#server/engine/contract.ts";
import type { Flow } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Tx } from "#server/kernel/db.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { credentialSecretOf, decryptCredentials, encryptCredentials, type Credentials } from "./credentials.ts";
import { changeDocument, writeRevision, type Deploy, type StoredDocument } from "./documents.ts";
import { findFlow, getFlow } from "./find-flows.ts";
import { flowNodes } from "./graph.ts";
import { importNodes } from "./import-nodes.ts";
import type { CreateFlow, FlowDetail, UpdateFlow } from "./schema.ts";

type ChangeDeps = Pick<Deps, "db" | "sql" | "live" | "clock" | "settings">;

/** The document's credentials with those added that came with nodes; undefined: nothing came. */
function withCredentials(
  { settings }: Pick<Deps, "settings">,
  actor: Actor,
  document: StoredDocument,
  more: Credentials,
): { credentials?: unknown } {
  if (Object.keys(more).length === 0) return {};
  const secret = credentialSecretOf(settings, actor);
  return { credentials: encryptCredentials(secret, { ...decryptCredentials(secret, document.credentials), ...more }) };
}

/** The document's credentials without those of nodes that are gone; undefined: there are none of such. */
function withoutCredentials(
  { settings }: Pick<Deps, "settings">,
  actor: Actor,
  document: StoredDocument,
  stays: (node: string) => boolean,
): { credentials?: unknown } {
  const secret = credentialSecretOf(settings, actor);
  const held = Object.entries(decryptCredentials(secret, document.credentials));
  const kept = held.filter(([node]) => stays(node));
  return kept.length === held.length ? {} : { credentials: encryptCredentials(secret, Object.fromEntries(kept)) };
}

/** Adds a flow to the caller's own editor. Ids that are in use there are given new ones. */
export async function createFlow(
  deps: ChangeDeps,
  actor: Actor,
  { name, description, nodes }: CreateFlow,
  source: Deploy["source"] = "api",
): Promise<FlowDetail> {
  const id = await changeDocument(deps, actor, async (tx, document) => {
    const taken = new Set(document.nodes.map(({ id }) => id));
    const added = importNodes(nodes as NodeDef[], taken);
    await writeRevision(deps, tx, actor, document, {
      nodes: [...document.nodes, ...aboutTab(added.nodes, added.tabId, { name, description, disabled: false })],
      ...withCredentials(deps, actor, document, added.credentials),
      source,
    });
    const flow = await tx.flow.findUniqueOrThrow({
      where: { documentId_tabId: { documentId: document.id, tabId: added.tabId } },
      select: { id: true },
    });
    return flow.id;
  });
  return getFlow(deps, actor, { id });
}

/** Throws unless the flow is in the caller's own editor: what others edit is theirs to change. */
export async function ownFlow(tx: Tx, actor: Actor, id: string): Promise<Flow> {
  const flow = await findFlow({ db: tx }, actor, id);
  if (flow.ownerId !== actor.userId)
    throw new AppError(
      "forbidden",
      "flow.not-yours",
      "This flow is in the editor of somebody else, who alone changes it. Export it and import it as your own",
    );
  return flow;
}

/** Changes a flow of the caller's own editor. Throws `conflict` (`flow.conflict`) when it changed since `revision`. */
export async function updateFlow(
  deps: ChangeDeps,
  actor: Actor,
  { id, revision, nodes, ...about }: UpdateFlow & { id: string },
): Promise<FlowDetail> {
  await changeDocument(deps, actor, async (tx, document) => {
    const flow = await ownFlow(tx, actor, id);
    if (revision !== undefined && revision !== flow.changedIn)
      throw new AppError(
        "conflict",
        "flow.conflict",
        "This flow was changed since it was loaded. Nothing was stored; load it again and repeat the change",
        { extra: { revision: flow.changedIn } },
      );
    const replaced = nodes ? replaceNodes(document.nodes, flow.tabId, nodes as NodeDef[]) : null;
    await writeRevision(deps, tx, actor, document, {
      nodes: aboutTab(replaced?.nodes ?? document.nodes, flow.tabId, about),
      ...withCredentials(deps, actor, document, replaced?.credentials ?? {}),
      source: "api",
    });
  });
  return getFlow(deps, actor, { id });
}

const aboutTab = (
  nodes: readonly NodeDef[],
  tabId: string,
  { name, description, disabled }: { [K in "name" | "description" | "disabled"]?: UpdateFlow[K] | undefined },
): NodeDef[] =>
  nodes.map((node) =>
    node.id === tabId
      ? {
          ...node,
          ...(name === undefined ? {} : { label: name }),
          ...(description === undefined ? {} : { info: description }),
          ...(disabled === undefined ? {} : { disabled }),
        }
      : node,
  );

/**
 * The document with another content of one tab. Nodes keep their ids, so that `GET`, change, `PUT` changes what was
 * meant; what the flow shares with others (subflows, configuration nodes) is replaced where it came along.
 */
function replaceNodes(
  document: readonly NodeDef[],
  tabId: string,
  given: readonly NodeDef[],
): { nodes: NodeDef[]; credentials: Credentials } {
  const own = new Set(document.filter(({ id, z }) => id === tabId || z === tabId).map(({ id }) => id));
  const shared = new Set(
    flowNodes(document, tabId)
      .filter((node) => !own.has(node.id))
      .map(({ id }) => id),
  );
  const others = new Set(document.map(({ id }) => id).filter((id) => !own.has(id) && !shared.has(id)));
  const tabs = given.filter(({ type }) => type === "tab");
  const wrong = tabs.find(({ id }) => id !== tabId && !shared.has(id));
  if (wrong)
    throw new AppError("invalid", "flow.other-tab", "These nodes hold another flow. Create it with POST instead", {
      fields: [{ path: `nodes[${given.indexOf(wrong)}]`, message: `Is a tab that is not ${tabId}` }],
    });
  // Renamed where another flow has the id.
  const tab = document.find(({ id }) => id === tabId);
  const { nodes, credentials } = importNodes(given, others, tab);
  const next = new Map(nodes.map((node) => [node.id, node]));
  // of a subflow that came along, what is no longer in it is gone
  const brought = new Set(nodes.flatMap(({ id, type }) => (type === "subflow" ? [id] : [])));
  const kept = document.flatMap((node) => {
    const replacement = next.get(node.id);
    next.delete(node.id);
    if (replacement) return [replacement];
    const gone = (own.has(node.id) && node.id !== tabId) || (shared.has(node.id) && brought.has(node.z ?? ""));
    return gone ? [] : [node];
  });
  return { nodes: [...kept, ...next.values()], credentials };
}

/** Takes a flow out of the caller's own editor. Its revisions and runs stay. */
export async function removeFlow(deps: ChangeDeps, actor: Actor, { id }: { id: string }): Promise<void> {
  await changeDocument(deps, actor, async (tx, document) => {
    const { tabId } = await ownFlow(tx, actor, id);
    const nodes = document.nodes.filter((node) => node.id !== tabId && node.z !== tabId);
    const left = new Set(nodes.map((node) => node.id));
    await writeRevision(deps, tx, actor, document, {
      nodes,
      ...withoutCredentials(deps, actor, document, (node) => left.has(node)),
      source: "api",
    });
  });
}
