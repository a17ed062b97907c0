"use client";

import { ForbiddenState } from "#app/_ui/feedback/access-states.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { secretsWords } from "./secrets-words.ts";

export function ForbiddenSecrets() {
  return <ForbiddenState size="compact">{useWords(secretsWords).forbidden}</ForbiddenState>;
}
