"use client";

import { PlainText } from "#app/_ui/text/plain-text.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FieldChange, TextPiece } from "#server/features/tool-review/schema.ts";
import { reviewWords } from "./review-words.ts";
import classes from "./review.module.css";

/** Before and now, field by field: beside each other where there is room, below each other on a phone. */
export function Changes({ changes }: { changes: FieldChange[] }) {
  const words = useWords(reviewWords);
  return (
    <section className={classes.part} aria-labelledby="review-changes">
      <h3 id="review-changes">{words.what}</h3>
      <ul className={classes.changes}>
        {changes.map((change) => (
          <li key={change.path}>
            <code className={classes.path}>{change.path}</code>
            <div className={classes.sides}>
              <div data-side="before">
                <span className={classes.side}>{words.before}</span>
                {change.kind === "added" ? words.nothing : <Side change={change} side="before" />}
              </div>
              <div data-side="after">
                <span className={classes.side}>{words.after}</span>
                {change.kind === "removed" ? words.nothing : <Side change={change} side="after" />}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Side({ change, side }: { change: FieldChange; side: "before" | "after" }) {
  const { pieces } = change;
  const gone: TextPiece["kind"] = side === "before" ? "added" : "removed";
  if (pieces)
    return (
      <p>
        {pieces
          .filter(({ kind }) => kind !== gone)
          .map((piece, at) => (
            // pieces have no id of their own and never move
            // oxlint-disable-next-line react/no-array-index-key
            <Piece key={at} piece={piece} />
          ))}
      </p>
    );
  const value = change[side];
  if (typeof value === "string")
    return (
      <p>
        <PlainText>{value}</PlainText>
      </p>
    );
  return <pre tabIndex={0}>{JSON.stringify(value, null, 2) ?? ""}</pre>;
}

function Piece({ piece: { kind, text } }: { piece: TextPiece }) {
  if (kind === "added")
    return (
      <ins>
        <PlainText>{text}</PlainText>
      </ins>
    );
  if (kind === "removed")
    return (
      <del>
        <PlainText>{text}</PlainText>
      </del>
    );
  return <PlainText>{text}</PlainText>;
}
