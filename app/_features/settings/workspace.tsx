"use client";

import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton, TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import type { Me } from "#server/features/accounts/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

const Members = dynamic(() => import("./members.tsx").then((module) => module.Members), {
  ssr: false,
  loading: () => <ListSkeleton rows={3} />,
});

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
