"use client";

import {
  IconBook2,
  IconCalendarTime,
  IconCode,
  IconHome,
  IconInbox,
  IconLink,
  IconMessageCircle,
  IconNews,
  IconPlayerPlay,
  IconRobot,
  IconSettings,
  IconShieldCog,
  IconShoppingBag,
  IconSitemap,
  IconTrophy,
} from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { Shell } from "../shell/shell.tsx";
import type { Connection, NavItem, PaletteAction, PaletteSearch } from "../shell/types.ts";

const here = "/dev/ui";
const item = (label: string, icon: ReactNode, rest: Partial<NavItem> = {}): NavItem => ({
  href: `${here}/${label.toLowerCase().replaceAll(" ", "-")}`,
  label,
  icon,
  ...rest,
});

const home = item("Home", <IconHome />, { href: here });
const chat = item("Chat", <IconMessageCircle />);
const inbox = item("Inbox", <IconInbox />, { badge: 2 });
const runs = item("Runs", <IconPlayerPlay />);
const navItems = [
  home,
  chat,
  inbox,
  item("Flows", <IconSitemap />),
  runs,
  item("Agents", <IconRobot />),
  item("Code agents", <IconCode />),
  item("Chains", <IconLink />),
  item("Marketplace", <IconShoppingBag />),
  item("Schedules", <IconCalendarTime />),
  item("Challenges", <IconTrophy />),
  item("News", <IconNews />, { badge: 120 }),
  item("Settings", <IconSettings />, { section: "below" }),
  item("Admin", <IconShieldCog />, { section: "below" }),
  item("Docs", <IconBook2 />, { section: "below" }),
];

const actions: PaletteAction[] = navItems.map(({ href, label, icon }) => ({
  id: href,
  label,
  icon,
  href,
  group: "Go to",
}));

const search: PaletteSearch = async (words, signal) => {
  await new Promise((resolve) => setTimeout(resolve, 400));
  signal.throwIfAborted();
  if (words === "fail") throw new Error("no answer");
  return [1, 2, 3].map((n) => ({
    id: `found-${n}`,
    label: `${words} ${n}`,
    description: "Flow, published 3 d ago",
    group: "Flows",
    icon: <IconSitemap />,
    href: here,
  }));
};

export function GalleryFrame({ children, connection }: { children: ReactNode; connection: Connection }) {
  const [workspace, setWorkspace] = useState("w1");
  const all = [
    { id: "w1", name: "Plant Graz", detail: "Admin" },
    { id: "w2", name: "Ana Kovač", detail: "Personal" },
  ];
  return (
    <Shell
      homeHref={here}
      navItems={navItems}
      phoneItems={[home, chat, inbox, runs]}
      workspace={{
        current: all.find(({ id }) => id === workspace) ?? { id: "w1", name: "Plant Graz" },
        all,
        onSwitch: setWorkspace,
        links: [{ href: here, label: "Create a workspace" }],
      }}
      model={{ state: "ok", name: "Demo model", detail: "Rule-based, no AI. Answers at once." }}
      runs={{ count: 3, href: `${here}/runs` }}
      inbox={{ count: 2, href: `${here}/inbox` }}
      user={{ name: "Ana Kovač", email: "ana@plant.example", profileHref: here, onSignOut: () => undefined }}
      connection={connection}
      palette={{ actions, search }}
    >
      {children}
    </Shell>
  );
}
