import { reveal } from "./reveal.ts";
import classes from "./plain-text.module.css";

/** A text of others as it is, never as markup; characters that nobody sees are written out. */
export function PlainText({ children }: { children: string }) {
  const runs = reveal(children);
  return (
    <span className={classes.text} dir="auto">
      {runs.map(({ text, hidden }, at) =>
        hidden ? (
          // runs have no id of their own and never move
          // oxlint-disable-next-line react/no-array-index-key
          <mark key={at} className={classes.hidden}>
            {text}
          </mark>
        ) : (
          text
        ),
      )}
    </span>
  );
}
