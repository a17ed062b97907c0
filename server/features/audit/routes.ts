import { Readable } from "node:stream";
import { z } from "zod";
import { pageOf, route } from "#server/edge/rest/route.ts";
import { auditText } from "./export-text.ts";
import { exportAudit, listAudit } from "./find-audit.ts";
import { AuditEntryView, AuditVerdict, ExportAudit, ListAudit } from "./schema.ts";
import { verifyAudit } from "./verify-audit.ts";

const tag = "Audit";
const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" };

export const auditRoutes = [
  route({
    method: "GET",
    path: "/admin/audit",
    permission: "audit.read",
    tag,
    summary: "Who did what, newest first",
    query: ListAudit,
    response: pageOf(AuditEntryView),
    handle: ({ deps, actor, query }) => listAudit(deps, actor, query),
  }),
  route({
    method: "GET",
    path: "/admin/audit/export",
    permission: "audit.read",
    tag,
    summary: "The same, oldest first and whole, as CSV or JSON lines",
    query: ExportAudit,
    response: z.string(),
    contentType: "text/csv",
    async handle({ deps, actor, query: { format, ...filter } }) {
      const pages = exportAudit(deps, actor, filter);
      const first = await pages.next(); // what can fail does so before the first byte
      const all = (async function* () {
        if (!first.done) yield first.value;
        yield* pages;
      })();
      const name = `audit-${deps.clock.now().toISOString().slice(0, 10)}.${format}`;
      const bytes = Readable.toWeb(Readable.from(auditText(all, format), { objectMode: false }));
      // Node's own class, which TypeScript does not know for the web's
      return new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>, {
        headers: { "Content-Type": TYPES[format], "Content-Disposition": `attachment; filename="${name}"` },
      });
    },
  }),
  route({
    method: "GET",
    path: "/admin/audit/verify",
    permission: "admin.read",
    tag,
    summary: "Whether the chain of the audit is unbroken",
    description: "Walks all entries. `npm run audit:verify` does the same on the server.",
    response: AuditVerdict,
    handle: ({ deps }) => verifyAudit(deps),
  }),
];
