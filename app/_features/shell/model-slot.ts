import type { ModelSlot } from "#app/_ui/shell/types.ts";
import type { ModelStatusView } from "#server/features/models/schema.ts";
import type { appWords } from "./shell-words.ts";
import { MODEL_STATE } from "#app/_features/models/model-state.ts";

/** The model that answers here, in the words of the header. Undefined: not known yet. */
export function modelSlot(status: ModelStatusView | undefined, words: (typeof appWords)["en"]): ModelSlot | undefined {
  if (!status) return undefined;
  const { state, demo, model, running, waiting, problem } = status;
  const details = {
    idle: words.modelIdle,
    busy: words.modelBusy(running, waiting),
    saturated: words.modelSaturated(waiting),
    down: words.modelDown,
    unconfigured: words.modelUnconfigured,
    unknown: words.modelDown,
  };
  return { state: MODEL_STATE[state], name: demo ? words.demoModel : model, detail: problem ?? details[state] };
}
