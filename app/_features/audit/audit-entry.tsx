"use client";

import { Anchor, Drawer } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { AuditEntryView } from "#server/features/audit/schema.ts";
import { actorName } from "./audit-columns.tsx";
import { auditWords } from "./audit-words.ts";
import classes from "./audit.module.css";

/** One entry whole, beside the list. */
export function AuditEntry({ entry, onClose }: { entry: AuditEntryView | null; onClose: () => void }) {
  const words = useWords(auditWords);
  // the words stay while it slides out
  const [shown, setShown] = useState(entry);
  if (entry && entry !== shown) setShown(entry);
  return (
    <Drawer
      opened={entry !== null}
      onClose={onClose}
      position="right"
      size="min(36rem, 100vw)"
      title={shown?.action ?? words.details}
    >
      {shown && (
        <div className={classes.entry}>
          <KeyValue
            items={[
              { label: words.what, value: shown.subject && <code>{shown.subject}</code> },
              { label: words.who, value: actorName(shown) ?? words.gateway },
              { label: words.outcome, value: words.outcomes[shown.outcome] },
              { label: words.when, value: <RelativeTime at={shown.at} /> },
              {
                label: words.run,
                value: shown.runId && (
                  <Anchor component={Link} href={`/runs/${shown.runId}`} inherit>
                    {words.openRun}
                  </Anchor>
                ),
              },
              { label: words.link, value: shown.seq ?? words.notLinked },
              { label: words.hash, value: shown.hash && <ShortId id={shown.hash} /> },
              { label: words.id, value: <ShortId id={shown.id} /> },
            ]}
          />
          <section>
            <h3>{words.detail}</h3>
            <JsonView value={shown.detail} depth={3} />
          </section>
          <section>
            <h3>{words.actor}</h3>
            <JsonView value={shown.actor} depth={2} />
          </section>
        </div>
      )}
    </Drawer>
  );
}
