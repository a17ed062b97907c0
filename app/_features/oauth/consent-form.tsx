"use client";

import { Button, Checkbox, NativeSelect } from "@mantine/core";
import { IconAlertTriangle, IconArrowRight, IconDeviceDesktop, IconPencil, IconShieldCheck } from "@tabler/icons-react";
import { useRef, useState, type FormEvent } from "react";
import { Mark } from "#app/_ui/brand/mark.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { DURATIONS, type ConsentView } from "#server/features/oauth/schema.ts";
import { ROLES, type Role } from "#server/kernel/permissions.ts";
import { consentWords } from "./consent-words.ts";
import { scopeWords } from "./scope-words.ts";
import classes from "./consent.module.css";

const reaches = (role: Role, atLeast: Role) => ROLES.indexOf(role) >= ROLES.indexOf(atLeast);

/**
 * A plain form that the browser sends, so that the answer may lead to an app's own address and works before the page's
 * script is there.
 */
export function ConsentForm({ view }: { view: ConsentView }) {
  const words = useWords(consentWords);
  const { uid, seal, client, scopes, workspaces } = view;
  const [workspaceId, setWorkspaceId] = useState(workspaces.find(({ current }) => current)?.id ?? workspaces[0]?.id);
  const role = workspaces.find(({ id }) => id === workspaceId)?.role ?? "viewer";
  const [sent, setSent] = useState(false);
  const sending = useRef(false);

  const send = (event: FormEvent) => {
    if (sending.current) return event.preventDefault();
    sending.current = true;
    // A button that is disabled before the form is gone is not in it.
    setTimeout(() => setSent(true));
  };
  const groups = [
    { writes: false, label: words.may, icon: null },
    { writes: true, label: words.mayChange, icon: <IconPencil size={16} aria-hidden="true" /> },
  ];

  return (
    <div className={classes.ground}>
      <main className={classes.card}>
        <header className={classes.head}>
          <Mark size={32} />
          <h1 className={classes.title}>{words.title(client.name)}</h1>
          <p className={classes.text}>{view.server === null ? words.wants : words.wantsServer(view.server)}</p>
        </header>
        <Identity view={view} />
        <form method="post" action={`/oauth/consent/${uid}`} onSubmit={send}>
          <div className={classes.fields}>
            <input type="hidden" name="seal" value={seal} />
            <NativeSelect
              name="workspaceId"
              label={words.workspace}
              value={workspaceId}
              onChange={(event) => setWorkspaceId(event.currentTarget.value)}
              data={workspaces.map((one) => ({ value: one.id, label: `${one.name} (${words.roles[one.role]})` }))}
            />
            {groups.map(({ writes, label, icon }) => {
              const shown = scopes.filter((one) => one.writes === writes && !one.required);
              return (
                shown.length > 0 && (
                  <fieldset key={label} className={classes.group} data-writes={writes || undefined}>
                    <legend>
                      {icon}
                      {label}
                    </legend>
                    {shown.map((one) => (
                      <ScopeBox key={one.scope} {...one} role={role} />
                    ))}
                  </fieldset>
                )
              );
            })}
            <NativeSelect
              name="days"
              label={words.duration}
              description={words.idle}
              defaultValue="30"
              data={DURATIONS.map((days) => ({ value: String(days), label: words.durations[days] }))}
            />
            <div className={classes.actions}>
              <Button type="submit" name="decision" value="deny" variant="default" disabled={sent}>
                {words.deny}
              </Button>
              <Button type="submit" name="decision" value="allow" disabled={sent}>
                {words.allow}
              </Button>
            </div>
            <p className={classes.small} role="status">
              {sent ? words.sent(client.name) : words.signedInAs(view.person.name, view.person.email)}
            </p>
          </div>
        </form>
      </main>
    </div>
  );
}

/** Who asks, how far that is known, and where the answer goes. */
function Identity({ view: { client } }: { view: ConsentView }) {
  const words = useWords(consentWords);
  const { redirect } = client;
  const { host } = client;
  const document = client.kind === "document" && host !== null;
  // An answer that stays on the device proves nothing about who asked.
  const known = document && redirect.kind === "site";
  return (
    <ul className={classes.who}>
      <li data-tone={known ? "ok" : "attention"}>
        {known ? <IconShieldCheck size={16} aria-hidden="true" /> : <IconAlertTriangle size={16} aria-hidden="true" />}
        <span>
          {known && words.isDocument(host)}
          {document && !known && `${words.namesDocument(host)} ${words.localClaim}`}
          {!document && words.isRegistered}
        </span>
      </li>
      <li>
        {redirect.kind === "site" ? (
          <IconArrowRight size={16} aria-hidden="true" />
        ) : (
          <IconDeviceDesktop size={16} aria-hidden="true" />
        )}
        <span>
          {redirect.kind === "loopback" && words.toLoopback}
          {redirect.kind === "app" && words.toApp(redirect.scheme)}
          {redirect.kind === "site" && words.toSite(redirect.host)}
        </span>
      </li>
    </ul>
  );
}

function ScopeBox({ scope, atLeast, ticked, role }: ConsentView["scopes"][number] & { role: Role }) {
  const words = useWords(consentWords);
  const texts = useWords(scopeWords);
  const [on, setOn] = useState(ticked);
  const may = reaches(role, atLeast);
  return (
    <Checkbox
      name="scopes"
      value={scope}
      label={texts[scope]}
      description={may ? undefined : words.needsRole(words.roles[atLeast])}
      checked={on && may}
      disabled={!may}
      onChange={(event) => setOn(event.currentTarget.checked)}
    />
  );
}
