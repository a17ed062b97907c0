"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { auditWords } from "./audit-words.ts";
import classes from "./audit.module.css";

/** Walks the chain of hashes when it is asked to, and says whether any entry was changed. */
export function ChainState() {
  const words = useWords(auditWords);
  const locale = useLocale();
  const verify = useMutation(useTRPC().audit.verify.mutationOptions());
  const verdict = verify.data;
  return (
    <section className={classes.chain} aria-label={words.chain}>
      <div className={classes.chainHead}>
        <strong>{words.chain}</strong>
        <span role="status">
          {verify.isPending ? (
            <StateBadge state="running" variant="plain" word={words.verifying} />
          ) : (
            verdict && (
              <StateBadge
                state={verdict.ok ? (verdict.late > 0 ? "attention" : "ok") : "fault"}
                variant="plain"
                word={
                  verdict.broken
                    ? words.broken(verdict.broken.seq)
                    : verdict.late > 0
                      ? words.late(verdict.late)
                      : words.sound(formatNumber(verdict.entries, locale, 0))
                }
              />
            )
          )}
        </span>
        <Button variant="default" size="compact-md" onClick={() => verify.mutate()} loading={verify.isPending}>
          {words.verify}
        </Button>
      </div>
      <FormErrors error={verify.error} />
      {verdict?.broken && <p>{verdict.broken.message}</p>}
      {verdict && !verify.isPending && (
        <p className={classes.dim}>
          {verdict.unlinked > 0 && `${words.unlinked(verdict.unlinked)}. `}
          {words.head} {verdict.head.seq} <ShortId id={verdict.head.hash} /> · <RelativeTime at={verdict.checkedAt} />
        </p>
      )}
    </section>
  );
}
