"use client";

import { Button, Textarea } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useState } from "react";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { useAsk } from "../shell/use-ask.ts";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

/** As the server takes at most (`MAX_MESSAGE`); its schema would bring the whole validator to the browser. */
const LONGEST = 10_000;

export function AskBox() {
  const words = useWords(homeWords);
  const hydrated = useHydrated();
  const [text, setText] = useState("");
  const { ask, asking, question } = useAsk();
  const send = () => {
    if (text.trim() !== "" && !asking) ask(text.trim());
  };
  return (
    <div className={classes.ask}>
      <form
        className={classes.askForm}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          className={classes.askField ?? ""}
          aria-label={words.askLabel}
          placeholder={words.askPlaceholder}
          autosize
          minRows={1}
          maxRows={6}
          maxLength={LONGEST}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <Button
          type="submit"
          rightSection={<IconArrowRight size={16} />}
          loading={asking && question === text.trim()}
          disabled={!hydrated}
        >
          {words.ask}
        </Button>
      </form>
      <ul className={classes.suggestions}>
        {[words.suggestOee, words.suggestOrders, words.suggestStock].map((suggestion) => (
          <li key={suggestion}>
            <Button
              variant="default"
              size="compact-sm"
              className={classes.suggestion ?? ""}
              onClick={() => ask(suggestion)}
              loading={question === suggestion}
              disabled={!hydrated || (asking && question !== suggestion)}
            >
              {suggestion}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
