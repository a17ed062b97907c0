"use client";

import { Button, Loader, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { AddResult, FoundServer } from "#server/features/catalogue/schema.ts";
import { ConfigForm } from "../schema-form/config-form.tsx";
import { SecretsForm } from "../schema-form/secrets-form.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { catalogueWords } from "./catalogue-words.ts";
import classes from "./catalogue.module.css";

/** Activates a server; asks for what it still wants, one thing after the other. */
export function ActivateDialog(props: { server: FoundServer | null; keepsSecrets: boolean; onClose: () => void }) {
  const { server, keepsSecrets, onClose } = props;
  const words = useWords(catalogueWords);
  // the words stay while it closes
  const [shown, setShown] = useState(server);
  if (server && server !== shown) setShown(server);
  return (
    <Modal opened={server !== null} onClose={onClose} title={words.dialog(shown?.title ?? "")} size="md">
      {shown && <Steps key={shown.name} server={shown} keepsSecrets={keepsSecrets} onClose={onClose} />}
    </Modal>
  );
}

/** Mounted with the dialog: each opening asks anew. */
function Steps({ server, keepsSecrets, onClose }: { server: FoundServer; keepsSecrets: boolean; onClose: () => void }) {
  const words = useWords(catalogueWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [config, setConfig] = useState<Record<string, unknown> | null>(null);
  const add = useMutation(
    trpc.catalogue.add.mutationOptions({
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries(trpc.catalogue.pathFilter()),
          queries.invalidateQueries(trpc.upstreams.pathFilter()),
        ]),
    }),
  );
  const put = useMutation(trpc.secrets.put.mutationOptions());
  const ask = (given: Record<string, unknown>) => add.mutate({ name: server.name, activate: true, config: given });
  // what has defaults is not asked for by the server, but the person may know better
  const known = server.config && isAsking(server.config) ? server.config : null;
  const begin = useEffectEvent(() => {
    if (!known) ask({});
  });
  useEffect(() => begin(), []);
  const configure = (values: Record<string, unknown>) => {
    setConfig(values);
    ask(values);
  };

  const save = async (secrets: Record<string, string>) => {
    for (const [name, value] of Object.entries(secrets))
      await put.mutateAsync({ name, value, scope: "workspace", description: server.title });
    await add.mutateAsync({ name: server.name, activate: true, config: config ?? {} });
  };
  const answer = add.data;
  return (
    <div className={classes.steps}>
      {!answer && !add.error && (config !== null || !known) && (
        <p className={classes.waiting} role="status">
          <Loader size={16} /> {words.asking}
        </p>
      )}
      <FormErrors error={add.error ?? put.error} />
      {known && !answer && (config === null || add.error) && (
        <ConfigForm
          hint={words.configHint}
          schema={known}
          values={config ?? {}}
          submit={words.next}
          cancel={words.cancel}
          busy={add.isPending}
          onCancel={onClose}
          onSubmit={configure}
        />
      )}
      {answer?.status === "config_required" && (
        <ConfigForm
          key={JSON.stringify(answer.wrong)}
          hint={words.configHint}
          schema={answer.schema}
          values={answer.values}
          // an untouched form is not wrong yet
          wrong={config ? answer.wrong : []}
          submit={words.next}
          cancel={words.cancel}
          busy={add.isPending}
          onCancel={onClose}
          onSubmit={configure}
        />
      )}
      {answer?.status === "secrets_required" &&
        (keepsSecrets ? (
          <SecretsForm
            hint={words.secretsHint}
            secrets={answer.secrets}
            submit={words.activate}
            cancel={words.cancel}
            busy={put.isPending || add.isPending}
            onCancel={onClose}
            onSubmit={(secrets) => void save(secrets).catch(() => undefined)} // shown above
          />
        ) : (
          <Lacking secrets={answer.secrets.map(({ title, name }) => `${title} (${name})`)} onClose={onClose} />
        ))}
      {answer?.status === "approval_required" && (
        <>
          <StateBadge state="waiting" variant="plain" word={words.needs[answer.needs]} />
          <Acts onClose={onClose} />
        </>
      )}
      {answer?.status === "active" && <Done answer={answer} title={server.title} onClose={onClose} />}
    </div>
  );
}

function Lacking({ secrets, onClose }: { secrets: string[]; onClose: () => void }) {
  const words = useWords(catalogueWords);
  return (
    <>
      <p className={classes.text}>{words.secretsNot}</p>
      <ul>
        {secrets.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <Acts onClose={onClose} />
    </>
  );
}

function Done(props: { answer: Extract<AddResult, { status: "active" }>; title: string; onClose: () => void }) {
  const { answer, title, onClose } = props;
  const words = useWords(catalogueWords);
  const { state, tools, problem, connect } = answer;
  return (
    <>
      <p role="status" className={classes.text}>
        <StateBadge
          state={state === "ok" || connect ? "ok" : state === "connecting" ? "running" : "attention"}
          variant="plain"
          word={
            state === "ok" || (connect && state !== "connecting")
              ? words.now(title, tools)
              : state === "connecting"
                ? words.nowConnecting(title)
                : words.nowDown(title)
          }
        />
      </p>
      {connect ? <p className={classes.text}>{words.consent}</p> : problem && <p className={classes.dim}>{problem}</p>}
      <Acts onClose={onClose}>
        {connect && (
          // another site comes next: a whole page load
          <Button component="a" href={`${startOf(connect)}?returnTo=${encodeURIComponent("/servers/catalogue")}`}>
            {words.toConsent}
          </Button>
        )}
      </Acts>
    </>
  );
}

function Acts({ onClose, children }: { onClose: () => void; children?: React.ReactNode }) {
  return (
    <div className={classes.acts}>
      <Button variant="default" onClick={onClose}>
        {useWords(catalogueWords).close}
      </Button>
      {children}
    </div>
  );
}

const isAsking = (schema: Record<string, unknown>): boolean =>
  typeof schema["properties"] === "object" && Object.keys(schema["properties"] ?? {}).length > 0;

const startOf = (path: string) => (path.endsWith("/start") ? path : `${path}/start`);
