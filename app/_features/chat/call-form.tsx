"use client";

import { useMutation } from "@tanstack/react-query";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolPart } from "#server/features/chat/turn.schema.ts";
import { ConfigForm } from "../schema-form/config-form.tsx";
import { SecretsForm } from "../schema-form/secrets-form.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./tool-card.module.css";

type Form = NonNullable<ToolPart["form"]>;

/** What a server wants to know before the answer goes on; asked outside of the text. */
export function CallForm({ call, form, runId }: { call: ToolPart; form: Form; runId: string }) {
  const words = useWords(chatWords);
  const trpc = useTRPC();
  const config = useMutation(trpc.chat.provideConfig.mutationOptions());
  const secrets = useMutation(trpc.chat.provideSecrets.mutationOptions());
  const ref = { runId, callId: call.callId };
  const common = { submit: words.formSend, cancel: words.formDecline };
  return (
    <section className={classes.consent} aria-label={form.title}>
      <FormErrors error={config.error ?? secrets.error} />
      {form.kind === "config" ? (
        <ConfigForm
          key={form.n}
          {...common}
          hint={words.configAsked(form.title)}
          schema={form.schema ?? {}}
          values={form.values ?? {}}
          // the first time nothing was filled in yet
          wrong={form.n > 1 ? (form.wrong ?? []) : []}
          // taken, the events of the turn show what comes next
          busy={config.isPending || config.isSuccess}
          onSubmit={(values) => config.mutate({ ...ref, values })}
          onCancel={() => config.mutate({ ...ref, values: null })}
        />
      ) : (
        <SecretsForm
          key={form.n}
          {...common}
          hint={words.secretsAsked(form.title)}
          secrets={form.secrets ?? (form.names ?? []).map((name) => ({ name }))}
          busy={secrets.isPending || secrets.isSuccess}
          onSubmit={(values) => secrets.mutate({ ...ref, secrets: values })}
          onCancel={() => secrets.mutate({ ...ref, secrets: null })}
        />
      )}
    </section>
  );
}
