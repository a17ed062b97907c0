"use client";

import { MultiSelect, NumberInput, Select, Switch } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ServerFormState } from "./server-connection-fields.tsx";
import { serverFormWords } from "./server-form-words.ts";
import classes from "../servers.module.css";

const GROUPS = {
  rate: ["requestsPerMinute", "burst", "queue", "queueMs"],
  callerRate: ["requestsPerMinute", "burst"],
  breaker: ["failureThreshold", "recoveryMs", "halfOpenMaxCalls"],
  retry: ["maxAttempts", "initialDelayMs", "maxDelayMs"],
} as const;
const ROLES = ["viewer", "editor", "operator", "admin"] as const;

/** Opens by itself while something within is wrong. */
function Fold({ title, wrong, children }: { title: string; wrong: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const shown = open || wrong;
  return (
    <details className={classes.fold} open={shown} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <IconChevronRight size={16} aria-hidden="true" />
        {title}
      </summary>
      <div className={classes.foldBody}>{shown && children}</div>
    </details>
  );
}

/** How often, how long, how many at a time; what is empty has the gateway's own bounds. */
export function LimitFields({ form }: { form: ServerFormState }) {
  const words = useWords(serverFormWords);
  const wrong = Object.keys(form.errors).some(
    (path) => path.startsWith("policy.") && !/roles|approval|private/.test(path),
  );
  return (
    <Fold title={words.limits} wrong={wrong}>
      <p className={classes.note}>{words.limitsHint}</p>
      <div className={classes.fields}>
        <Whole form={form} path="policy.timeoutMs" label={words.timeoutMs} />
        <Whole form={form} path="policy.concurrency" label={words.concurrency} />
      </div>
      {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
        <fieldset key={group} className={classes.group}>
          <legend>{words[group]}</legend>
          <div className={classes.fields}>
            {GROUPS[group].map((name) => (
              <Whole key={name} form={form} path={`policy.${group}.${name}`} label={words[name]} />
            ))}
            {group === "retry" && (
              <Select
                label={words.backoff}
                allowDeselect={false}
                data={(["exponential", "linear"] as const).map((value) => ({ value, label: words.backoffs[value] }))}
                {...form.getInputProps("policy.retry.backoff")}
              />
            )}
          </div>
        </fieldset>
      ))}
    </Fold>
  );
}

function Whole({ form, path, label }: { form: ServerFormState; path: string; label: string }) {
  return <NumberInput label={label} min={0} allowDecimal={false} allowNegative={false} {...form.getInputProps(path)} />;
}

/** Who may use it, what needs a person's consent, what happens to tools that are new or change. */
export function SafetyFields({ form, owner }: { form: ServerFormState; owner: boolean }) {
  const words = useWords(serverFormWords);
  const wrong = Object.keys(form.errors).some((path) => /^pinning|^policy\.(roles|approval|private)/.test(path));
  return (
    <Fold title={words.safety} wrong={wrong}>
      <MultiSelect
        label={words.roles}
        description={words.rolesHint}
        data={ROLES.map((value) => ({ value, label: words.roleNames[value] }))}
        {...form.getInputProps("policy.roles")}
      />
      <Select
        label={words.approval}
        allowDeselect={false}
        data={(["never", "dangerous", "writes"] as const).map((value) => ({ value, label: words.approvals[value] }))}
        {...form.getInputProps("policy.approval")}
      />
      <Select
        label={words.pinning}
        allowDeselect={false}
        data={(["first-use", "approve", "off"] as const).map((value) => ({ value, label: words.pinnings[value] }))}
        {...form.getInputProps("pinning")}
      />
      {owner && (
        <Switch label={words.privateNetwork} {...form.getInputProps("policy.privateNetwork", { type: "checkbox" })} />
      )}
    </Fold>
  );
}
