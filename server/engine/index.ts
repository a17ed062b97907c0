/** The engine: executes Node-RED flows durably. See engine-types.ts for what goes in and out, contract.ts for records. */
export { createEngine } from "#server/engine/engine.ts";
export type { Frame } from "#server/engine/frame.ts";
export type {
  CodeRunner,
  Ended,
  Engine,
  EngineClock,
  EngineKit,
  EngineOptions,
  Override,
  PlanHandle,
  StartRun,
} from "#server/engine/engine-types.ts";
export type { Red } from "#server/engine/facade.ts";
export type { FlowNode } from "#server/engine/node.ts";
