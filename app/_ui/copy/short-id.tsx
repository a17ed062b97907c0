"use client";

import { Tooltip } from "../tooltip/tooltip.tsx";
import { useCopy } from "./copy-button.tsx";
import { shortenId } from "./shorten-id.ts";
import classes from "./copy.module.css";

/** An id in few characters; one click copies all of it. */
export function ShortId({ id, length }: { id: string; length?: number }) {
  const { copy, said, outcome } = useCopy();
  return (
    <Tooltip
      label={
        <>
          <span className={classes.whole}>{id}</span> · {said}
        </>
      }
      {...(outcome === "idle" ? {} : { opened: true })}
    >
      <button type="button" className={classes.id} onClick={() => copy(id)} aria-label={`${id}: ${said}`}>
        {shortenId(id, length)}
      </button>
    </Tooltip>
  );
}
