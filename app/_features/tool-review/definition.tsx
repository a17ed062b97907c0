"use client";

import { JsonView } from "#app/_ui/json/json-view.tsx";
import { PlainText } from "#app/_ui/text/plain-text.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { reviewWords } from "./review-words.ts";
import classes from "./review.module.css";

/** What a tool says of itself, as data: its description as plain text, its schemas as trees. */
export function Definition(props: { definition: Record<string, unknown>; title: string; folded: boolean }) {
  const { definition, title, folded } = props;
  const words = useWords(reviewWords);
  const { description } = definition;
  return (
    <details className={classes.whole} open={!folded}>
      <summary>{title}</summary>
      <div className={classes.definition}>
        <section>
          <h4>{words.does}</h4>
          <p>
            {typeof description === "string" && description ? (
              <PlainText>{description}</PlainText>
            ) : (
              <span className={classes.dim}>{words.noDescription}</span>
            )}
          </p>
        </section>
        {(["inputSchema", "outputSchema", "annotations"] as const).map(
          (field) =>
            definition[field] !== undefined && (
              <section key={field}>
                <h4>{words[field]}</h4>
                <JsonView value={definition[field]} depth={4} maxHeight="24rem" />
              </section>
            ),
        )}
      </div>
    </details>
  );
}
