"use client";

import { notifications } from "@mantine/notifications";
import {
  IconApi,
  IconHome,
  IconInbox,
  IconKey,
  IconListDetails,
  IconMessage,
  IconSettings,
  IconShieldCog,
  IconSitemap,
  IconTools,
} from "@tabler/icons-react";
import { skipToken, useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, type ReactNode } from "react";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { Shell } from "#app/_ui/shell/shell.tsx";
import type { NavItem } from "#app/_ui/shell/types.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import { signOut } from "../auth/sign-in.ts";
import { SIGN_IN_PATH } from "../auth/next-path.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { modelSlot } from "./model-slot.ts";
import { appWords } from "./shell-words.ts";
import { useLive } from "./use-live.ts";
import { usePalette } from "./use-palette.tsx";

const MOST_COUNTED = 100;

export interface Person {
  name: string;
  email: string;
  /** Of the whole platform. */
  owner: boolean;
  workspaceId: string;
  /** Whether tools in quarantine are for them to review. */
  reviews: boolean;
}

/** How often tools that wait for review are counted: events tell of those of the workspace, not of all servers. */
const REVIEWS_EVERY_MS = 60_000;

/** The frame of all signed-in pages with its live figures. */
export function AppShell({ person, children }: { person: Person; children: ReactNode }) {
  const words = useWords(appWords);
  const trpc = useTRPC();
  const connection = useLive();
  const workspaces = useQuery(trpc.workspaces.list.queryOptions());
  const models = useQuery(trpc.models.status.queryOptions());
  const running = useQuery(trpc.runs.list.queryOptions({ status: "running", limit: MOST_COUNTED }));
  const approvals = useQuery(trpc.approvals.count.queryOptions());
  const reviews = useQuery(
    trpc.toolReview.count.queryOptions(person.reviews ? undefined : skipToken, { refetchInterval: REVIEWS_EVERY_MS }),
  );
  const onSwitch = useSwitchWorkspace(words.switchFailed);

  const leave = useCallback(() => {
    signOut().then(
      () => location.assign(SIGN_IN_PATH),
      () => notifications.show({ color: "fault", title: words.signOutFailed, message: words.signOutFailedDetail }),
    );
  }, [words]);
  const palette = usePalette({ owner: person.owner, onSignOut: leave });

  const waiting = approvals.data?.mine ?? 0;
  const home: NavItem = { href: "/", label: words.home, icon: <IconHome /> };
  const chat: NavItem = { href: "/chat", label: words.chat, icon: <IconMessage /> };
  const inbox: NavItem = { href: "/inbox", label: words.inbox, icon: <IconInbox />, badge: waiting };
  const flows: NavItem = { href: "/flows", label: words.flows, icon: <IconSitemap /> };
  const runs: NavItem = { href: "/runs", label: words.runs, icon: <IconListDetails /> };
  const tools: NavItem = {
    href: "/servers",
    label: words.tools,
    icon: <IconTools />,
    badge: reviews.data?.quarantined,
  };
  const below: NavItem[] = [
    { href: "/settings", label: words.settings, icon: <IconSettings />, section: "below" },
    ...(person.owner
      ? [{ href: "/admin", label: words.admin, icon: <IconShieldCog />, section: "below" as const }]
      : []),
    { href: "/docs/api", label: words.docs, icon: <IconApi />, section: "below" },
  ];
  const all = (workspaces.data ?? []).map(({ id, name, personal, role }) => ({
    id,
    name,
    detail: personal ? words.personal : words.role[role],
  }));
  const current = all.find(({ id }) => id === person.workspaceId);
  const model = modelSlot(
    models.data?.find(({ tier }) => tier === "free"),
    words,
  );

  return (
    <Shell
      navItems={[home, chat, inbox, flows, runs, tools, ...below]}
      phoneItems={[home, chat, inbox, runs]}
      connection={connection}
      {...(current
        ? {
            workspace: {
              current,
              all,
              onSwitch,
              links: [{ href: "/settings/workspace", label: words.workspaceSettings }],
            },
          }
        : {})}
      {...(model ? { model } : {})}
      runs={{ count: running.data?.items.length ?? 0, href: "/runs?status=running" }}
      inbox={{ count: waiting, href: "/inbox" }}
      user={{
        name: person.name,
        email: person.email,
        profileHref: "/settings",
        onSignOut: leave,
        links: [{ href: "/settings/api-keys", label: words.apiKeys, icon: <IconKey size={16} /> }],
      }}
      palette={palette}
    >
      {children}
    </Shell>
  );
}

/** Everything on the page belongs to the workspace: after the change all of it starts anew. */
function useSwitchWorkspace(failed: string): (id: string) => void {
  const change = useMutation(
    useTRPC().workspaces.switch.mutationOptions({
      onSuccess: () => location.assign("/"),
      onError: (error) => notifications.show({ color: "fault", title: failed, message: toProblem(error).message }),
    }),
  );
  return (id) => change.mutate({ id });
}
