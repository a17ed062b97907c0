"use client";

import { IconArrowUpRight } from "@tabler/icons-react";
import { useWords } from "#app/_ui/words/locale.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./conversation.module.css";

/** Before the first question: what one can ask, one click each. */
export function EmptyChat({ onAsk }: { onAsk: (question: string) => void }) {
  const words = useWords(chatWords);
  return (
    <div className={classes.empty}>
      <div className={classes.emptyHead}>
        <h1>{words.emptyTitle}</h1>
        <p>{words.emptyText}</p>
      </div>
      <ul className={classes.examples}>
        {words.examples.map((question) => (
          <li key={question}>
            <button type="button" className={classes.example} onClick={() => onAsk(question)}>
              {question}
              <IconArrowUpRight size={16} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
