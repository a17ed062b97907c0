export { createFlow } from "./change-flow.ts";
export { credentialSecretOf, type Credentials, type Seat } from "./credentials.ts";
export {
  deployDocument,
  loadDocument,
  saveSettings,
  type Deploy,
  type Deployed,
  type StoredDocument,
} from "./documents.ts";
export { listFlows } from "./find-flows.ts";
export { startCodeRun, type CodeToRun } from "./code-run.ts";
export { markedFlows, type MarkedFlow } from "./flow-tool.ts";
export type { FlowRunInput, RequestView } from "./flow-input.ts";
export type { HttpReply } from "./http/http-reply.ts";
export { matchEndpoint, type EndpointMatch } from "./http/match-endpoint.ts";
export { runEndpoint } from "./http/run-endpoint.ts";
export { importNodes } from "./import-nodes.ts";
export { startFlowRun, type StartedFlow, type StartFlow } from "./start-flow-run.ts";
export { runGraph } from "./versions.ts";
export * from "./schema.ts";
