"use client";

import { IconEyeOff } from "@tabler/icons-react";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { HiddenText } from "#server/features/tool-review/schema.ts";
import { reviewWords } from "./review-words.ts";
import classes from "./review.module.css";

/** What people would not see in a definition, written out. */
export function HiddenWarnings({ warnings }: { warnings: HiddenText[] }) {
  const words = useWords(reviewWords);
  if (warnings.length === 0) return null;
  return (
    <section className={classes.hidden} role="alert" aria-labelledby="review-hidden">
      <h3 id="review-hidden">
        <IconEyeOff size={18} aria-hidden="true" /> {words.warnings}
      </h3>
      <p>{words.warningsText}</p>
      <ul>
        {warnings.map(({ path, kind, characters, count, shown }) => (
          <li key={`${path} ${kind}`}>
            <code>{path}</code> {words.kinds[kind]}, {words.times(count)} ({characters.join(", ")})
            <p>
              <code>{shown}</code>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
