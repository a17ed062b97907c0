"use client";

import { Button, SegmentedControl } from "@mantine/core";
import { IconLock, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import type { SecretView } from "#server/features/secrets/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { secretsWords } from "./secrets-words.ts";
import classes from "./secrets.module.css";

const SecretDialog = dynamic(() => import("./secret-dialog.tsx").then((module) => module.SecretDialog), { ssr: false });
const SecretUses = dynamic(() => import("./secret-uses.tsx").then((module) => module.SecretUses), { ssr: false });

export type Scope = "workspace" | "installation";

/** The names of the secrets, what uses them and when; values go in and never come out. */
export function SecretsPage({ writes, owner }: { writes: boolean; owner: boolean }) {
  const words = useWords(secretsWords);
  const hydrated = useHydrated();
  const [scope, setScope] = useState<Scope>("workspace");
  const query = useQuery(useTRPC().secrets.list.queryOptions({ scope }));
  const [changing, setChanging] = useState<SecretView | "new" | null>(null);
  const [looking, setLooking] = useState<string | null>(null);
  const add = writes && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setChanging("new")} disabled={!hydrated}>
      {words.add}
    </Button>
  );
  return (
    <>
      <Panel flush title={words.secrets} description={words.text} actions={add}>
        {owner && (
          <div className={classes.scope}>
            <SegmentedControl
              aria-label={words.scope}
              value={scope}
              onChange={(value) => setScope(value === "installation" ? "installation" : "workspace")}
              data={[
                { value: "workspace", label: words.workspace },
                { value: "installation", label: words.installation },
              ]}
            />
          </div>
        )}
        {query.isError && !query.data ? (
          <ErrorState error={query.error} title={words.failed} onRetry={() => void query.refetch()} />
        ) : !query.data ? (
          <ListSkeleton rows={3} />
        ) : query.data.length === 0 ? (
          <EmptyState icon={<IconLock />} title={words.none} action={add}>
            <p>{words.noneText}</p>
          </EmptyState>
        ) : (
          <ul className={classes.list}>
            {query.data.map((secret) => (
              <SecretEntry
                key={secret.name}
                secret={secret}
                scope={scope}
                writes={writes}
                onReplace={() => setChanging(secret)}
                onLook={() => setLooking(secret.name)}
              />
            ))}
          </ul>
        )}
      </Panel>
      {writes && <SecretDialog changing={changing} scope={scope} onClose={() => setChanging(null)} />}
      <SecretUses name={looking} scope={scope} onClose={() => setLooking(null)} />
    </>
  );
}

function SecretEntry(props: {
  secret: SecretView;
  scope: Scope;
  writes: boolean;
  onReplace: () => void;
  onLook: () => void;
}) {
  const { secret, scope, writes, onReplace, onLook } = props;
  const { name, description, usedBy, lastUsedAt, updatedAt } = secret;
  const words = useWords(secretsWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const remove = useMutation(
    trpc.secrets.remove.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.secrets.list.queryFilter()),
    }),
  );
  return (
    <li>
      <div className={classes.entry}>
        <code>{name}</code>
        {description && <span>{description}</span>}
        <span className={classes.sub}>
          {words.usedBy} {usedBy.length > 0 ? usedBy.join(", ") : words.nobody} · {words.used}{" "}
          {lastUsedAt ? <RelativeTime at={lastUsedAt} /> : words.never} · {words.changed}{" "}
          <RelativeTime at={updatedAt} />
        </span>
      </div>
      <div className={classes.acts}>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onLook} aria-label={`${words.uses}: ${name}`}>
          {words.uses}
        </Button>
        {writes && (
          <>
            <Button variant="default" size="compact-sm" onClick={onReplace} aria-label={`${words.replace}: ${name}`}>
              {words.replace}
            </Button>
            <ConfirmButton
              title={words.removeTitle(name)}
              takes={usedBy.map(words.breaks)}
              description={words.removeText}
              confirm={words.remove}
              onConfirm={() => remove.mutateAsync({ name, scope })}
              size="compact-sm"
              aria-label={`${words.remove}: ${name}`}
            >
              {words.remove}
            </ConfirmButton>
          </>
        )}
      </div>
    </li>
  );
}
