import type { State } from "#app/_ui/state/states.ts";
import type { ModelStatusView } from "#server/features/models/schema.ts";

/** Colour and icon for what a model is doing, the same in the header and in administration. */
export const MODEL_STATE: Record<ModelStatusView["state"], State> = {
  idle: "ok",
  busy: "running",
  saturated: "attention",
  down: "fault",
  unconfigured: "idle",
  unknown: "attention",
};
