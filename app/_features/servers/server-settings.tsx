"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { notifications } from "@mantine/notifications";
import { useRouter } from "next/navigation";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamDetails, UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { serverFormWords } from "./form/server-form-words.ts";
import { ServerFields } from "./form/server-form.tsx";
import type { ServersViewer } from "./servers-viewer.ts";
import { serversWords } from "./servers-words.ts";
import classes from "./servers.module.css";

/** What is set of a server: a form for those who may change it, and its end. */
export function ServerSettings({ server, viewer }: { server: UpstreamView; viewer: ServersViewer }) {
  const words = useWords(serversWords);
  const query = useQuery(useTRPC().upstreams.details.queryOptions({ id: server.id }));
  if (query.isError && !query.data)
    return <ErrorState error={query.error} title={words.loadFailed} onRetry={() => void query.refetch()} />;
  if (!query.data) return <BlockSkeleton height={320} />;
  if (!query.data.editable) return <Fixed details={query.data} />;
  return (
    <div className={classes.settings}>
      <Panel title={words.settingsOf}>
        <Editable key={query.dataUpdatedAt} details={query.data} owner={viewer.owns} />
      </Panel>
      <Removal server={server} />
    </div>
  );
}

function Editable({ details, owner }: { details: UpstreamDetails; owner: boolean }) {
  const words = useWords(serversWords);
  const router = useRouter();
  return (
    <ServerFields
      owner={owner}
      known={details}
      onCancel={() => router.push("/servers")}
      onSaved={({ title }) => notifications.show({ color: "ok", message: words.saved(title), autoClose: 3_000 })}
    />
  );
}

/** As it is, for those who may not change it or where it comes with the settings. */
function Fixed({ details }: { details: UpstreamDetails }) {
  const words = useWords(serversWords);
  const form = useWords(serverFormWords);
  const { source, scope, auth, policy, pinning, transport } = details;
  const { roles = [], approval = "dangerous", privateNetwork, timeoutMs, concurrency } = policy;
  const why =
    source === "demo"
      ? words.fixedDemo
      : source === "environment"
        ? words.fixed
        : scope === "all" || transport.kind === "stdio"
          ? words.editOwner
          : words.editNot;
  return (
    <div className={classes.form}>
      <p className={classes.note}>{why}</p>
      <div className={classes.facts}>
        <KeyValue
          items={[
            { label: form.kind, value: form.transports[transport.kind] },
            { label: form.auth, value: form.auths[auth.kind] },
            {
              label: form.roles,
              value: roles.length > 0 ? roles.map((role) => form.roleNames[role]).join(", ") : form.everybody,
            },
            { label: form.approval, value: form.approvals[approval] },
            { label: form.pinning, value: form.pinnings[pinning] },
            { label: form.privateNetwork, value: privateNetwork ? form.yes : form.no },
            { label: form.timeoutMs, value: timeoutMs },
            { label: form.concurrency, value: concurrency },
            ...GROUPS.map((group) => ({ label: form[group], value: boundsOf(policy[group], form) })),
          ]}
        />
      </div>
    </div>
  );
}

const GROUPS = ["rate", "callerRate", "breaker", "retry"] as const;

/** `Calls a minute 60 · At once 10`; what is not set has the gateway's own bounds and is left out. */
function boundsOf(bounds: object | undefined, words: (typeof serverFormWords)["en"]): string | undefined {
  if (!bounds) return undefined;
  const names: Record<string, unknown> = words;
  return Object.entries(bounds)
    .map(([name, value]) => `${String(names[name])} ${String(value)}`)
    .join(" · ");
}

function Removal({ server }: { server: UpstreamView }) {
  const words = useWords(serversWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const remove = useMutation(trpc.upstreams.remove.mutationOptions());
  const end = async () => {
    await remove.mutateAsync({ id: server.id });
    router.push("/servers");
    await queries.invalidateQueries(trpc.upstreams.list.queryFilter());
  };
  return (
    <Panel title={words.remove}>
      <div className={classes.form}>
        <p className={classes.note}>{words.removeText}</p>
        <div>
          <ConfirmButton
            title={words.removeTitle(server.title)}
            takes={[words.removeTakes(server.tools)]}
            description={words.removeText}
            confirm={words.remove}
            onConfirm={end}
          >
            {words.remove}
          </ConfirmButton>
        </div>
      </div>
    </Panel>
  );
}
