"use client";

import { Button, NativeSelect, PasswordInput, SegmentedControl } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState } from "react";
import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { CopyButton } from "#app/_ui/copy/copy-button.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import type { Permission } from "#server/kernel/permissions.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { CLIENT_IDS, clientGuides, KEY_PLACE } from "./client-guides.ts";
import { connectWords } from "./connect-words.ts";
import { TryEndpoint } from "./try-endpoint.tsx";
import classes from "./connect.module.css";

const CreateKey = dynamic(() => import("../settings/create-key.tsx").then((module) => module.CreateKey), {
  ssr: false,
});

/** What a client needs to list tools and to call those that read. */
const KEY_SCOPES: Permission[] = ["mcp.use", "tool.read", "plant.read"];

const choices = {
  server: parseAsString,
  client: parseAsStringLiteral(CLIENT_IDS).withDefault("claude-code"),
  with: parseAsStringLiteral(["oauth", "key"] as const).withDefault("oauth"),
};

/** How an MCP client is connected, with everything to copy. `origin`: the gateway's public address. */
export function ConnectPage({ origin }: { origin: string }) {
  return (
    <NuqsAdapter>
      <Connect origin={origin} />
    </NuqsAdapter>
  );
}

function Connect({ origin }: { origin: string }) {
  const words = useWords(connectWords);
  const hydrated = useHydrated();
  const trpc = useTRPC();
  const servers = useQuery(trpc.upstreams.list.queryOptions());
  const me = useQuery(trpc.accounts.me.queryOptions());
  const [choice, setChoice] = useQueryStates(choices, { history: "replace" });
  const [key, setKey] = useState("");
  const [creating, setCreating] = useState<boolean | null>(null);

  const { server, client } = choice;
  const withKey = choice.with === "key";
  const url = server ? `${origin}/mcp/servers/${encodeURIComponent(server)}` : `${origin}/mcp`;
  const guides = clientGuides({ url, server: server ?? "osf", key: withKey ? key.trim() || KEY_PLACE : null });
  const guide = guides.find(({ id }) => id === client);

  return (
    <PageFrame>
      <PageHeader title={words.title} description={words.description} />
      <div className={classes.page}>
        <Panel title={words.address}>
          <div className={classes.stack}>
            <NativeSelect
              label={words.which}
              description={server ? words.oneHint : words.allHint}
              value={server ?? ""}
              onChange={(event) => void setChoice({ server: event.currentTarget.value || null })}
              data={[
                { value: "", label: words.all },
                ...(servers.data ?? []).map(({ name, title }) => ({ value: name, label: `${title} (${name})` })),
              ]}
            />
            <div className={classes.url}>
              <code data-testid="mcp-url">{url}</code>
              <CopyButton value={url} what={words.endpoint} />
            </div>
          </div>
        </Panel>
        <Panel title={words.signIn}>
          <div className={classes.stack}>
            <SegmentedControl
              aria-label={words.signIn}
              value={choice.with}
              onChange={(value) => void setChoice({ with: value === "key" ? "key" : null })}
              data={[
                { value: "oauth", label: words.oauth },
                { value: "key", label: words.key },
              ]}
            />
            <p className={classes.note}>{withKey ? words.keyHint : words.oauthHint}</p>
            {withKey && (
              <div className={classes.key}>
                <PasswordInput
                  label={words.typed}
                  description={words.typedHint}
                  autoComplete="off"
                  value={key}
                  onChange={(event) => setKey(event.currentTarget.value)}
                />
                <Button
                  variant="default"
                  leftSection={<IconKey size={16} />}
                  onClick={() => setCreating(true)}
                  disabled={!hydrated || !me.data}
                >
                  {words.createKey}
                </Button>
              </div>
            )}
          </div>
        </Panel>
        <Panel title={words.client}>
          <div className={classes.stack}>
            <NativeSelect
              aria-label={words.client}
              value={client}
              onChange={(event) => {
                const { value } = event.currentTarget;
                void setChoice({ client: CLIENT_IDS.find((one) => one === value) ?? null });
              }}
              data={guides.map(({ id, name }) => ({ value: id, label: name }))}
            />
            {guide && (
              <>
                <p className={classes.note}>{words.steps[guide.id]}</p>
                {withKey && !guide.keys && <p className={classes.note}>{words.noKeys}</p>}
                {guide.blocks.map(({ title, code }) => (
                  <CodeBlock key={title} title={title} code={code} wrap />
                ))}
              </>
            )}
          </div>
        </Panel>
        <TryEndpoint url={url} apiKey={withKey ? key.trim() : ""} />
      </div>
      {creating !== null && (
        <CreateKey
          opened={creating}
          onClose={() => setCreating(false)}
          permissions={me.data?.permissions ?? []}
          suggested={{ name: words.keyName(guide?.name ?? ""), scopes: KEY_SCOPES }}
          onMade={({ key: made }) => setKey(made)}
        />
      )}
    </PageFrame>
  );
}
