"use client";

import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import type { Me } from "#server/features/accounts/schema.ts";
import type { Member } from "#server/features/workspaces/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

const PAGE = 100;

export function Workspace() {
  const words = useWords(settingsWords);
  const me = useQuery(useTRPC().accounts.me.queryOptions());
  return (
    <>
      <Panel title={words.workspace} description={words.workspaceText}>
        {me.data ? (
          <About key={me.data.workspace.id} me={me.data} />
        ) : me.isError ? (
          <ErrorState
            error={me.error}
            title={words.profileFailed}
            onRetry={() => void me.refetch()}
            retrying={me.isFetching}
          />
        ) : (
          <TextSkeleton lines={4} />
        )}
      </Panel>
      <Members ownId={me.data?.user.id} />
    </>
  );
}

function About({ me }: { me: Me }) {
  const words = useWords(settingsWords);
  const hydrated = useHydrated();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: me.workspace.name },
    validate: { name: (value) => (value.trim() === "" ? words.needed : null) },
  });
  const rename = useMutation(
    trpc.workspaces.rename.mutationOptions({
      async onSuccess({ name }) {
        form.setInitialValues({ name });
        form.reset();
        await Promise.all([
          queries.invalidateQueries(trpc.workspaces.list.queryFilter()),
          queries.invalidateQueries(trpc.accounts.me.queryFilter()),
        ]);
      },
    }),
  );
  const mayRename = me.role === "admin";
  return (
    <div className={classes.stack}>
      <form className={classes.form} onSubmit={form.onSubmit((values) => rename.mutate(values))} noValidate>
        <FormErrors error={rename.error} form={form} />
        <TextInput
          label={words.name}
          maxLength={100}
          readOnly={!mayRename}
          {...(mayRename ? {} : { description: words.onlyAdmins })}
          inputWrapperOrder={["label", "input", "description", "error"]}
          {...form.getInputProps("name")}
        />
        {mayRename && (
          <div className={classes.actions}>
            <Button type="submit" loading={rename.isPending} disabled={!hydrated || !form.isDirty()}>
              {words.rename}
            </Button>
            {rename.isSuccess && !form.isDirty() && (
              <span role="status">
                <StateBadge state="ok" variant="plain" word={words.saved} />
              </span>
            )}
          </div>
        )}
      </form>
      <KeyValue
        items={[
          { label: words.yourRole, value: `${words.roles[me.role]}: ${words.rolesText[me.role]}` },
          { label: words.tier, value: words.tiers[me.workspace.tier] },
        ]}
      />
      {me.workspace.personal && <p className={classes.hint}>{words.personalWorkspace}</p>}
    </div>
  );
}

function Members({ ownId }: { ownId: string | undefined }) {
  const words = useWords(settingsWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const members = useInfiniteQuery({
    queryKey: pagedKey(trpc.workspaces.members.queryKey({ limit: PAGE })),
    queryFn: ({ pageParam, signal }) =>
      client.workspaces.members.query({ limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const columns: Column<Member>[] = [
    {
      id: "name",
      header: words.name,
      value: (row) => row.name,
      render: (row) => (
        <>
          {row.name}
          {row.userId === ownId && <span className={classes.here}>{words.you}</span>}
        </>
      ),
    },
    { id: "email", header: words.email, value: (row) => row.email, from: "sm" },
    { id: "role", header: words.role, value: (row) => words.roles[row.role] },
    {
      id: "since",
      header: words.since,
      value: (row) => row.since.toISOString(),
      render: (row) => <RelativeTime at={row.since} />,
    },
  ];
  return (
    <Panel flush title={words.members}>
      <DataTable
        name="members"
        label={words.members}
        columns={columns}
        rows={members.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.userId}
        defaultSort={{ by: "name", dir: "asc" }}
        error={members.isError && !members.data ? members.error : undefined}
        onRetry={() => void members.refetch()}
        hasMore={members.hasNextPage}
        loadingMore={members.isFetchingNextPage}
        onMore={() => void members.fetchNextPage()}
        skeletonRows={3}
        bare
      />
    </Panel>
  );
}
