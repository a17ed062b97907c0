"use client";

import { Select, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useWords } from "#app/_ui/words/locale.tsx";
import { serverFormWords } from "./server-form-words.ts";
import type { ServerValues } from "./server-values.ts";
import classes from "../servers.module.css";

export type ServerFormState = UseFormReturnType<ServerValues>;

const mono = { input: { fontFamily: "var(--osf-mono)" } };
const TRANSPORTS = ["http", "sse", "openapi", "service", "stdio"] as const;
const AUTHS = ["none", "bearer", "header", "oauth-client", "oauth-user"] as const;

/** Where the server is and what it speaks. */
export function TransportFields({ form, owner }: { form: ServerFormState; owner: boolean }) {
  const words = useWords(serverFormWords);
  const { kind } = form.values.transport;
  return (
    <>
      <Select
        label={words.kind}
        allowDeselect={false}
        data={TRANSPORTS.filter((one) => owner || one !== "stdio" || kind === "stdio").map((value) => ({
          value,
          label: words.transports[value],
        }))}
        {...form.getInputProps("transport.kind")}
      />
      {kind === "stdio" ? (
        <>
          <TextInput
            label={words.command}
            description={words.commandHint}
            placeholder="npx"
            styles={mono}
            {...form.getInputProps("transport.command")}
          />
          <Textarea
            label={words.args}
            description={words.argsHint}
            autosize
            minRows={2}
            spellCheck={false}
            styles={mono}
            {...form.getInputProps("transport.args")}
          />
          <Textarea
            label={words.env}
            description={words.envHint}
            placeholder="API_KEY=${MY_KEY}"
            autosize
            minRows={2}
            spellCheck={false}
            styles={mono}
            {...form.getInputProps("transport.env")}
          />
        </>
      ) : (
        <TextInput label={words.url} description={words.urlHint[kind]} type="url" {...form.getInputProps("url")} />
      )}
      {kind === "openapi" && (
        <Textarea
          label={words.document}
          description={words.documentHint}
          placeholder="https://example.com/openapi.json"
          autosize
          minRows={2}
          maxRows={12}
          spellCheck={false}
          styles={mono}
          {...form.getInputProps("transport.document")}
        />
      )}
      {kind === "service" && (
        <Textarea
          label={words.operations}
          description={words.operationsHint}
          autosize
          minRows={2}
          maxRows={12}
          spellCheck={false}
          styles={mono}
          {...form.getInputProps("transport.operations")}
        />
      )}
    </>
  );
}

/** How the gateway proves who it is: by names of secrets, never by values. */
export function AuthFields({ form }: { form: ServerFormState }) {
  const words = useWords(serverFormWords);
  const { kind } = form.values.auth;
  if (form.values.transport.kind === "stdio") return null;
  const oauth = kind === "oauth-client" || kind === "oauth-user";
  return (
    <fieldset className={classes.group}>
      <Select
        label={words.auth}
        allowDeselect={false}
        data={AUTHS.map((value) => ({ value, label: words.auths[value] }))}
        {...form.getInputProps("auth.kind")}
      />
      {kind !== "none" && <p className={classes.note}>{words.secretHint}</p>}
      {kind === "bearer" && (
        <TextInput label={words.token} placeholder="${WMS_TOKEN}" styles={mono} {...form.getInputProps("auth.token")} />
      )}
      {kind === "header" && (
        <div className={classes.fields}>
          <TextInput label={words.header} styles={mono} {...form.getInputProps("auth.header")} />
          <TextInput label={words.value} placeholder="${WMS_KEY}" styles={mono} {...form.getInputProps("auth.value")} />
        </div>
      )}
      {oauth && (
        <>
          <div className={classes.fields}>
            <TextInput
              label={words.clientId}
              {...(kind === "oauth-user" ? { description: words.clientIdHint } : {})}
              styles={mono}
              {...form.getInputProps("auth.clientId")}
            />
            <TextInput
              label={words.clientSecret}
              {...(kind === "oauth-user" ? { description: words.clientSecretHint } : {})}
              placeholder="${WMS_CLIENT_SECRET}"
              styles={mono}
              {...form.getInputProps("auth.clientSecret")}
            />
          </div>
          <TextInput
            label={words.scopes}
            description={words.scopesHint}
            styles={mono}
            {...form.getInputProps("auth.scopes")}
          />
          {kind === "oauth-client" && (
            <TextInput
              label={words.tokenEndpoint}
              description={words.tokenEndpointHint}
              type="url"
              {...form.getInputProps("auth.tokenEndpoint")}
            />
          )}
        </>
      )}
    </fieldset>
  );
}
