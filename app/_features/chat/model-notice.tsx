"use client";

import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ModelStatusView } from "#server/features/models/schema.ts";
import { chatWords } from "./chat-words.ts";
import classes from "./composer.module.css";

/** Why an answer may not come, and what to do; nothing while the model answers. */
export function ModelNotice({ model }: { model: ModelStatusView | undefined }) {
  const words = useWords(chatWords);
  if (!model || model.state === "idle" || model.state === "busy") return null;
  const [title, hint] = {
    down: [words.modelDown(model.demo ? words.demo : model.model), words.modelDownHint],
    unconfigured: [words.modelUnconfigured, words.modelUnconfiguredHint],
    unknown: [words.modelUnknown, words.modelUnknownHint],
    saturated: [words.modelSaturated, words.modelSaturatedHint],
  }[model.state];
  return (
    <div className={classes.notice} role="status" data-state={model.state}>
      <StateBadge state={model.state === "down" ? "fault" : "attention"} word={title} variant="plain" />
      <p>
        {model.state === "down" && model.problem ? `${model.problem}. ` : ""}
        {hint}
      </p>
    </div>
  );
}
