"use client";

import { Modal } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import type { Scope } from "./secrets-page.tsx";
import { secretsWords } from "./secrets-words.ts";
import classes from "./secrets.module.css";

/** Who used a secret when, and for what. */
export function SecretUses({ name, scope, onClose }: { name: string | null; scope: Scope; onClose: () => void }) {
  const words = useWords(secretsWords);
  const [shown, setShown] = useState(name);
  if (name && name !== shown) setShown(name);
  const query = useQuery(useTRPC().secrets.usage.queryOptions(name ? { name, scope } : skipToken));
  return (
    <Modal opened={name !== null} onClose={onClose} title={words.usesOf(shown ?? "")} size="lg">
      {query.isError ? (
        <ErrorState error={query.error} title={words.usesFailed} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <ListSkeleton rows={3} />
      ) : query.data.uses.length === 0 ? (
        <p className={classes.note}>{words.noUses}</p>
      ) : (
        <DataTable
          name="secret-uses"
          label={words.usesOf(shown ?? "")}
          bare
          maxHeight="24rem"
          rows={query.data.uses}
          rowKey={({ at, purpose, userId }) => `${at.toISOString()} ${purpose} ${userId ?? ""}`}
          columns={[
            { id: "purpose", header: words.purpose, mono: true, value: ({ purpose }) => purpose },
            { id: "who", header: words.who, value: ({ person, userId }) => person ?? userId ?? words.gateway },
            {
              id: "when",
              header: words.when,
              width: "9rem",
              value: ({ at }) => at,
              render: ({ at }) => <RelativeTime at={at} />,
            },
          ]}
        />
      )}
    </Modal>
  );
}
