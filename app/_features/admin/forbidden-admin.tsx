"use client";

import { ForbiddenState } from "#app/_ui/feedback/access-states.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { adminWords } from "./admin-words.ts";

export function ForbiddenAdmin() {
  return <ForbiddenState>{useWords(adminWords).forbidden}</ForbiddenState>;
}
