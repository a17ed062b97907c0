import { createAuditWriter, type AuditWriter } from "../../mcp/audit.ts";
import type { UpstreamSource } from "../../mcp/gateway.ts";
import { createUpstreamSource } from "../../mcp/upstream/source.ts";
import type { Deps } from "../deps.ts";

export { callTool, listTools } from "./call-tool.ts";
export { asJson, createUpstream, insertUpstream } from "./create-upstream.ts";
export { checkUpstream, findUpstream, listUpstreams } from "./find-upstream.ts";
export { upstreamDetails } from "./upstream-details.ts";
export { deleteUpstream, removeUpstream } from "./remove-upstream.ts";
export { updateUpstream } from "./update-upstream.ts";

/** What the tool gateway of a process knows of upstreams: those of the settings and the registered ones. */
export const upstreamSource = ({
  settings,
  db,
  live,
  log,
}: Pick<Deps, "settings" | "db" | "live" | "log">): UpstreamSource =>
  createUpstreamSource({ fixed: settings.upstreams, rows: db, live, log });

/** Where it writes its calls. */
export const auditWriter = ({ sql, log, clock }: Pick<Deps, "sql" | "log" | "clock">): AuditWriter =>
  createAuditWriter({ sql, log, clock });
