import { Fragment, type ReactNode } from "react";

/** The prose of the document: paragraphs, and `code` within them. */
export function InlineText({ text }: { text: string }) {
  return text
    .split(/\n{2,}/)
    .filter(Boolean)
    .map((paragraph) => <p key={paragraph}>{codeIn(paragraph)}</p>);
}

export function codeIn(text: string): ReactNode {
  // every second part stood between two marks
  const [first = "", ...parts] = text.split("`");
  const pairs: ReactNode[] = [first];
  for (let i = 0; i < parts.length; i += 2)
    pairs.push(
      <Fragment key={i}>
        <code>{parts[i]}</code>
        {parts[i + 1]}
      </Fragment>,
    );
  return pairs;
}
