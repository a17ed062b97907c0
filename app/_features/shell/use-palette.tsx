"use client";

import { useMantineColorScheme } from "@mantine/core";
import {
  IconApi,
  IconHome,
  IconInbox,
  IconKey,
  IconListDetails,
  IconLogout,
  IconMessage,
  IconMessagePlus,
  IconMoon,
  IconPalette,
  IconPlus,
  IconSettings,
  IconPencil,
  IconShieldCog,
  IconSitemap,
  IconSun,
  IconTools,
  IconUser,
} from "@tabler/icons-react";
import { useCallback, useMemo } from "react";
import type { PaletteAction, PaletteSearch } from "#app/_ui/shell/types.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPCClient } from "../trpc/provider.tsx";
import { appWords } from "./shell-words.ts";
import { useAsk } from "./use-ask.ts";

const ICON = 18;
const EACH = 6;

/** Pages and acts at once; conversations, runs and the typed words as a question as they are found. */
export function usePalette({ owner, onSignOut }: { owner: boolean; onSignOut: () => void }): {
  actions: PaletteAction[];
  search: PaletteSearch;
} {
  const words = useWords(appWords);
  const client = useTRPCClient();
  const { ask } = useAsk();
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });

  const actions = useMemo(() => {
    const page = (href: string, label: string, icon: PaletteAction["icon"], keywords: string[] = []) => ({
      id: href,
      group: words.goTo,
      href,
      label,
      icon,
      keywords,
    });
    const act = (id: string, label: string, icon: PaletteAction["icon"], run: () => void) => ({
      id,
      group: words.act,
      label,
      icon,
      run,
    });
    return [
      page("/", words.home, <IconHome size={ICON} />, ["home", "start"]),
      page("/chat", words.chat, <IconMessage size={ICON} />, ["chat"]),
      page("/inbox", words.inbox, <IconInbox size={ICON} />, ["approvals", "approve", "questions"]),
      page("/flows", words.flows, <IconSitemap size={ICON} />, ["automations", "node-red"]),
      page("/editor", words.editor, <IconPencil size={ICON} />, ["node-red", "nodered", "edit"]),
      page("/runs", words.runs, <IconListDetails size={ICON} />, ["runs"]),
      page("/runs?status=failed", words.failedRuns, <IconListDetails size={ICON} />, ["error", "failed"]),
      page("/servers", words.tools, <IconTools size={ICON} />, ["mcp", "servers", "upstreams", "tools"]),
      page("/servers/catalogue", words.catalogue, <IconTools size={ICON} />, ["mcp", "add", "activate"]),
      page("/servers/connect", words.connect, <IconTools size={ICON} />, [
        "mcp",
        "claude",
        "cursor",
        "vscode",
        "client",
      ]),
      page("/settings", words.profile, <IconUser size={ICON} />, ["settings", "sessions", "password"]),
      page("/settings/api-keys", words.apiKeys, <IconKey size={ICON} />, ["settings", "token"]),
      page("/settings/secrets", words.secrets, <IconKey size={ICON} />, ["settings", "vault", "password"]),
      page("/settings/connections", words.connections, <IconKey size={ICON} />, ["settings", "oauth", "apps"]),
      page("/settings/appearance", words.appearance, <IconPalette size={ICON} />, ["settings", "theme", "language"]),
      page("/settings/workspace", words.workspaceSettings, <IconSettings size={ICON} />, ["members"]),
      ...(owner ? [page("/admin", words.admin, <IconShieldCog size={ICON} />, ["admin"])] : []),
      page("/docs/api", words.docs, <IconApi size={ICON} />, ["docs", "openapi", "rest", "curl"]),
      { ...page("/chat?new", words.newChat, <IconMessagePlus size={ICON} />), href: "/chat", group: words.act },
      {
        ...page("/settings/api-keys?new", words.createKey, <IconPlus size={ICON} />),
        href: "/settings/api-keys?new=true",
        group: words.act,
      },
      act("dark", words.toDark, <IconMoon size={ICON} />, () => setColorScheme("dark")),
      act("light", words.toLight, <IconSun size={ICON} />, () => setColorScheme("light")),
      act("sign-out", words.signOut, <IconLogout size={ICON} />, onSignOut),
    ] satisfies PaletteAction[];
  }, [words, owner, onSignOut, setColorScheme]);

  const search = useCallback<PaletteSearch>(
    async (typed, signal) => {
      const [chats, flows, runs] = await Promise.allSettled([
        client.chat.sessions.query({ search: typed, limit: EACH }, { signal }),
        client.flows.list.query({ search: typed, limit: EACH }, { signal }),
        client.runs.list.query({ search: typed, limit: EACH }, { signal }),
      ]);
      return [
        {
          id: "ask",
          group: words.ask,
          label: words.askThis(typed),
          description: words.askDetail,
          icon: <IconMessagePlus size={ICON} />,
          run: () => ask(typed),
        },
        ...(chats.status === "fulfilled" ? chats.value.items : []).map(({ id, title }) => ({
          id,
          group: words.conversations,
          label: title,
          href: `/chat/${id}`,
          icon: <IconMessage size={ICON} />,
        })),
        ...(flows.status === "fulfilled" ? flows.value.items : []).map(({ id, name, ownerName }) => ({
          id,
          group: words.flows,
          label: name,
          description: ownerName,
          href: `/flows/${id}`,
          icon: <IconSitemap size={ICON} />,
        })),
        ...(runs.status === "fulfilled" ? runs.value.items : [])
          // a turn of a conversation is found as the conversation
          .filter(({ kind }) => kind !== "chat")
          .map(({ id, title, actorName }) => ({
            id,
            group: words.runs,
            label: title,
            description: actorName,
            href: `/runs/${id}`,
            icon: <IconListDetails size={ICON} />,
          })),
      ];
    },
    [client, words, ask],
  );
  return { actions, search };
}
