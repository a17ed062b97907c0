"use client";

import { ForbiddenState } from "#app/_ui/feedback/access-states.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { reviewWords } from "./review-words.ts";

export function ForbiddenReview() {
  return <ForbiddenState>{useWords(reviewWords).forbidden}</ForbiddenState>;
}
