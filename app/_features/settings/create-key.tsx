"use client";

import { Button, Checkbox, Modal, Select, SegmentedControl, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { CopyButton } from "#app/_ui/copy/copy-button.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { NewApiKey } from "#server/features/accounts/schema.ts";
import type { Permission } from "#server/kernel/permissions.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { keyExample } from "./key-example.ts";
import { permissionWords } from "./permission-words.ts";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000);

/** Asks for name, end and scopes, then shows the key this once. */
export function CreateKey(props: {
  opened: boolean;
  onClose: () => void;
  /** What the person may do here: a key cannot do more. */
  permissions: readonly Permission[];
  /** What it is for, where that is known. */
  suggested?: { name: string; scopes: readonly Permission[] };
  onMade?: (made: NewApiKey) => void;
}) {
  const { opened, onClose, permissions, suggested, onMade } = props;
  const words = useWords(settingsWords);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const close = () => {
    onClose();
    setMade(null);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? words.created : words.createTitle}
      size="lg"
      // a key that is shown once is not lost by a click beside it
      closeOnClickOutside={!made}
      closeOnEscape={!made}
      withCloseButton={!made}
    >
      {made ? (
        <NewKey made={made} onClose={close} />
      ) : (
        <KeyForm
          permissions={permissions}
          suggested={suggested}
          onCancel={close}
          onMade={(key) => {
            setMade(key);
            onMade?.(key);
          }}
        />
      )}
    </Modal>
  );
}

function KeyForm({
  permissions,
  suggested,
  onCancel,
  onMade,
}: {
  permissions: readonly Permission[];
  suggested: { name: string; scopes: readonly Permission[] } | undefined;
  onCancel: () => void;
  onMade: (made: NewApiKey) => void;
}) {
  const words = useWords(settingsWords);
  const means: Record<string, string> = useWords(permissionWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const create = useMutation(
    trpc.accounts.apiKeys.create.mutationOptions({
      onSuccess(made) {
        void queries.invalidateQueries(trpc.accounts.apiKeys.list.queryFilter());
        onMade(made);
      },
    }),
  );
  const form = useForm<{ name: string; days: string; limited: "all" | "some"; scopes: Permission[] }>({
    initialValues: {
      name: suggested?.name ?? "",
      days: "90",
      limited: suggested ? "some" : "all",
      scopes: (suggested?.scopes ?? []).filter((scope) => permissions.includes(scope)),
    },
    validate: {
      name: (value) => (value.trim() === "" ? words.needed : null),
      scopes: (value, { limited }) => (limited === "some" && value.length === 0 ? words.scopesNone : null),
    },
  });
  const submit = ({ name, days, limited, scopes }: typeof form.values) =>
    create.mutate({
      name,
      scopes: limited === "some" ? scopes : [],
      expiresAt: days === "never" ? null : daysFromNow(Number(days)),
    });

  return (
    <form className={classes.stack} onSubmit={form.onSubmit(submit)} noValidate>
      <FormErrors error={create.error} form={form} />
      <TextInput
        label={words.keyName}
        description={words.keyNameText}
        placeholder={words.keyNamePlaceholder}
        maxLength={100}
        data-autofocus
        {...form.getInputProps("name")}
      />
      <Select
        label={words.expiry}
        data={[
          { value: "30", label: words.days30 },
          { value: "90", label: words.days90 },
          { value: "365", label: words.days365 },
          { value: "never", label: words.never },
        ]}
        allowDeselect={false}
        comboboxProps={{ withinPortal: true }}
        {...(form.values.days === "never" ? { description: words.neverText } : {})}
        inputWrapperOrder={["label", "input", "description", "error"]}
        {...form.getInputProps("days")}
      />
      <div className={classes.choice}>
        <SegmentedControl
          aria-label={words.scopes}
          fullWidth
          data={[
            { value: "all", label: words.scopesAll },
            { value: "some", label: words.scopesSome },
          ]}
          {...form.getInputProps("limited")}
        />
        {form.values.limited === "some" && (
          <Checkbox.Group aria-label={words.scopes} {...form.getInputProps("scopes")}>
            <div className={classes.scopes}>
              {permissions.map((permission) => (
                <Checkbox
                  key={permission}
                  value={permission}
                  label={<code>{permission}</code>}
                  description={means[permission]}
                />
              ))}
            </div>
          </Checkbox.Group>
        )}
      </div>
      <div className={classes.modalActions}>
        <Button variant="default" onClick={onCancel}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={create.isPending}>
          {words.create}
        </Button>
      </div>
    </form>
  );
}

function NewKey({ made, onClose }: { made: NewApiKey; onClose: () => void }) {
  const words = useWords(settingsWords);
  return (
    <div className={classes.stack}>
      <p>
        <StateBadge state="attention" variant="plain" word={words.createdText} />
      </p>
      <div className={classes.key}>
        <code>{made.key}</code>
        <CopyButton value={made.key} what={words.theKey} />
      </div>
      <CodeBlock title={words.tryIt} code={keyExample(location.origin, made.key, made.scopes)} wrap />
      <div className={classes.modalActions}>
        <Button onClick={onClose}>{words.finished}</Button>
      </div>
    </div>
  );
}
