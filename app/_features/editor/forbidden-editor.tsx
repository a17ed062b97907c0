"use client";

import { ForbiddenState } from "#app/_ui/feedback/access-states.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { editorWords } from "./editor-words.ts";

export function ForbiddenEditor() {
  return <ForbiddenState>{useWords(editorWords).forbidden}</ForbiddenState>;
}
