import type { NodeDef } from "#server/engine/contract.ts";
import type { FlowDocument } from "#server/generated/prisma/client.ts";
import type { Actor, ActorRecord } from "#server/kernel/actor.ts";
import { Prisma, type Tx } from "#server/kernel/db.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { newId } from "#server/kernel/ids.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { workspaceTopic } from "../runs/index.ts";
import type { Seat } from "./credentials.ts";
import { exampleFlow } from "./example-flow.ts";
import { forgetEndpoints } from "./http/match-endpoint.ts";
import { syncFlows } from "./sync-flows.ts";

const MAX_DOCUMENT_NODES = 20_000;
const MAX_DOCUMENT_BYTES = 10 * 1024 * 1024;

/** Tells the pod of a seat that its document was changed by something else than its editor. */
export const seatTopic = ({ workspaceId, userId }: Seat) => `seat:${workspaceId}:${userId}`;

export interface StoredDocument {
  id: string;
  /** Counts deploys. */
  revision: number;
  nodes: NodeDef[];
  /** As Node-RED encrypts them; see `decryptCredentials`. */
  credentials: unknown;
  /** Of the editor. */
  settings: Record<string, unknown> | null;
}

/** What a deploy brings. */
export interface Deploy {
  nodes: NodeDef[];
  /** Encrypted by Node-RED with the seat's secret; undefined: as they were. */
  credentials?: unknown;
  /** The revision that the change was made on; another one by now throws. Undefined: whatever is there is replaced. */
  baseRevision?: number | undefined;
  source: "editor" | "api" | "import" | "restore";
}

export interface Deployed {
  revision: number;
  /** False: it was already what is stored, and no revision was made. */
  changed: boolean;
}

const storedDocument = (row: FlowDocument): StoredDocument => ({
  id: row.id,
  revision: row.revision,
  nodes: row.nodes as unknown as NodeDef[], // written by this file alone, checked before
  credentials: row.credentials,
  settings: row.settings as Record<string, unknown> | null, // written by saveSettings alone
});

/** The document of a seat; made, with a small example, when it is asked for the first time. */
export async function loadDocument(
  deps: Pick<Deps, "db" | "live" | "clock">,
  { workspaceId, userId }: Seat,
): Promise<StoredDocument> {
  const seat = { workspaceId, userId };
  const found = await deps.db.flowDocument.findUnique({ where: { workspaceId_userId: seat } });
  return storedDocument(found ?? (await deps.db.$transaction((tx) => ensureDocument(deps, tx, seat))));
}

/** The row is locked until the end of the transaction, so that changes come one after the other. */
async function lockDocument(
  deps: Pick<Deps, "live" | "clock">,
  tx: Tx,
  { workspaceId, userId }: Seat,
): Promise<StoredDocument> {
  const seat = { workspaceId, userId };
  await ensureDocument(deps, tx, seat);
  await tx.$executeRaw`SELECT 1 FROM "FlowDocument" WHERE "workspaceId" = ${workspaceId} AND "userId" = ${userId} FOR UPDATE`;
  return storedDocument(await tx.flowDocument.findUniqueOrThrow({ where: { workspaceId_userId: seat } }));
}

async function ensureDocument(
  { live, clock }: Pick<Deps, "live" | "clock">,
  tx: Tx,
  seat: Seat,
): Promise<FlowDocument> {
  const at = clock.now();
  const nodes = exampleFlow();
  const { count } = await tx.flowDocument.createMany({
    skipDuplicates: true, // two requests of a new seat at once
    data: { id: newId("doc", at.getTime()), ...seat, revision: 1, nodes: asJson(nodes), createdAt: at, updatedAt: at },
  });
  const row = await tx.flowDocument.findUniqueOrThrow({ where: { workspaceId_userId: seat } });
  if (count === 0) return row;
  await tx.flowRevision.create({
    data: { documentId: row.id, revision: 1, nodes: asJson(nodes), source: "import", createdAt: at },
  });
  await syncFlows(tx, { ...seat, documentId: row.id, before: [], after: nodes, revision: 1, at });
  await live.publishIn(tx, workspaceTopic(seat.workspaceId), JSON.stringify({ type: "flow" }));
  return row;
}

/** Flow JSON as the column takes it. */
const asJson = (nodes: readonly NodeDef[]) => nodes as unknown as Prisma.InputJsonArray; // checked: plain JSON

function checkNodes(nodes: readonly NodeDef[]): void {
  if (nodes.length > MAX_DOCUMENT_NODES)
    throw new AppError(
      "large",
      "flow.too-large",
      `These flows have ${nodes.length} nodes; an editor holds ${MAX_DOCUMENT_NODES} at most. Remove flows that are no longer used`,
    );
  const seen = new Set<string>();
  for (const [i, { id, type }] of nodes.entries()) {
    if (typeof id !== "string" || id === "" || typeof type !== "string" || type === "")
      throw new AppError("invalid", "flow.node", `Node ${i + 1} of the document has no id or no type`, {
        fields: [{ path: `nodes[${i}]`, message: "Needs an id and a type" }],
      });
    if (seen.has(id))
      throw new AppError("invalid", "flow.duplicate-id", `The id ${id} is used by more than one node`, {
        fields: [{ path: `nodes[${i}].id`, message: "Is used by another node, too" }],
      });
    seen.add(id);
  }
  const bytes = Buffer.byteLength(JSON.stringify(nodes));
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new AppError(
      "large",
      "flow.too-large",
      `These flows take ${(bytes / 1024 / 1024).toFixed(1)} MB; an editor holds ${MAX_DOCUMENT_BYTES / 1024 / 1024} MB at most. Large data belongs into files or messages, not into nodes`,
    );
}

/**
 * Stores what an editor or a program deploys as the next revision, with the flows and endpoints that it makes: all or
 * nothing. Throws `conflict` (`flow.conflict`) when somebody deployed since `baseRevision`, `large` (`flow.too-large`).
 */
export async function deployDocument(
  deps: Pick<Deps, "db" | "live" | "clock">,
  actor: Actor | ActorRecord,
  deploy: Deploy,
): Promise<Deployed> {
  return changeDocument(deps, actor, (tx, document) => writeRevision(deps, tx, actor, document, deploy));
}

/** Runs `change` in a transaction that holds the lock of the actor's document. */
export async function changeDocument<T>(
  deps: Pick<Deps, "db" | "live" | "clock">,
  actor: Seat,
  change: (tx: Tx, document: StoredDocument) => Promise<T>,
): Promise<T> {
  const result = await deps.db.$transaction(
    async (tx) => change(tx, await lockDocument(deps, tx, actor)),
    { timeout: 30_000 }, // large documents with many flows
  );
  // Whoever changed something finds it changed; other processes hear of it.
  forgetEndpoints(deps, actor.workspaceId);
  return result;
}

/** The same inside a transaction that holds the document's lock. */
export async function writeRevision(
  { live, clock }: Pick<Deps, "live" | "clock">,
  tx: Tx,
  actor: Actor | ActorRecord,
  document: StoredDocument,
  { nodes, credentials, baseRevision, source }: Deploy,
): Promise<Deployed> {
  if (baseRevision !== undefined && baseRevision !== document.revision)
    throw new AppError(
      "conflict",
      "flow.conflict",
      "These flows were changed by somebody else since they were opened. Nothing was stored; load the new state, or merge",
      { extra: { revision: document.revision, baseRevision } },
    );
  checkNodes(nodes);
  const sameNodes = JSON.stringify(nodes) === JSON.stringify(document.nodes);
  const sealed = credentials === undefined ? document.credentials : credentials;
  if (sameNodes && JSON.stringify(sealed) === JSON.stringify(document.credentials))
    return { revision: document.revision, changed: false };

  const at = clock.now();
  const revision = document.revision + 1;
  const stored = { nodes: asJson(nodes), credentials: sealed === null ? Prisma.DbNull : (sealed as object) };
  await tx.flowDocument.update({ where: { id: document.id }, data: { ...stored, revision, updatedAt: at } });
  await tx.flowRevision.create({
    data: { documentId: document.id, revision, ...stored, authorId: actor.userId, source, createdAt: at },
  });
  const { workspaceId, userId } = actor;
  const touched = await syncFlows(tx, {
    workspaceId,
    userId,
    documentId: document.id,
    before: document.nodes,
    after: nodes,
    revision,
    at,
  });
  await recordAudit(tx, {
    at,
    actor,
    action: "flow.deploy",
    subject: document.id,
    detail: { revision, source, nodes: nodes.length, ...touched },
  });
  await live.publishIn(tx, workspaceTopic(workspaceId), JSON.stringify({ type: "flow" }));
  if (source !== "editor") await live.publishIn(tx, seatTopic(actor), "document");
  return { revision, changed: true };
}

/** Keeps the editor's own settings, such as what is open in it. */
export async function saveSettings(
  deps: Pick<Deps, "db" | "live" | "clock">,
  { workspaceId, userId }: Seat,
  settings: Record<string, unknown>,
): Promise<void> {
  const { count } = await deps.db.flowDocument.updateMany({
    where: { workspaceId, userId },
    data: { settings: settings as Prisma.InputJsonObject }, // parsed JSON
  });
  if (count === 0) throw missing("document");
}
