"use client";

import { useFormatTag, useHydrated, useNow, useWords } from "#app/_ui/words/locale.tsx";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

const MINUTE = 60_000;

/** By the reader's own clock, which only the browser knows: until then a greeting that is right at any hour. */
export function Greeting({ name }: { name: string }) {
  const words = useWords(homeWords);
  const tag = useFormatTag();
  const hydrated = useHydrated();
  const now = new Date(useNow(() => MINUTE));
  const hour = now.getHours();
  const say = !hydrated
    ? words.hello
    : hour < 5 || hour >= 18
      ? words.evening
      : hour < 12
        ? words.morning
        : words.afternoon;
  return (
    <div className={classes.greeting}>
      <h1>{say(name)}</h1>
      <p>
        {hydrated && (
          <time dateTime={now.toISOString()}>
            {new Intl.DateTimeFormat(tag, { weekday: "long", day: "numeric", month: "long" }).format(now)}
          </time>
        )}
      </p>
    </div>
  );
}
