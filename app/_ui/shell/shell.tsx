"use client";

import { ActionIcon, AppShell } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { Mark } from "../brand/mark.tsx";
import { useWords } from "../words/locale.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { PaletteControl } from "./palette-control.tsx";
import { NavList } from "./nav-list.tsx";
import { PhoneBar } from "./phone-bar.tsx";
import { shellWords } from "./shell-words.ts";
import { CountLink, ModelState } from "./status-slots.tsx";
import { UserMenu } from "./user-menu.tsx";
import { WorkspaceSwitcher } from "./workspace-switcher.tsx";
import type { ShellProps } from "./types.ts";
import classes from "./shell.module.css";

const PhoneDrawer = dynamic(() => import("./phone-drawer.tsx").then((module) => module.PhoneDrawer), { ssr: false });

/** The frame of every signed-in page: navigation, header with its live figures, content. */
export function Shell(props: ShellProps) {
  const {
    navItems,
    phoneItems,
    homeHref = "/",
    workspace,
    model,
    runs,
    inbox,
    user,
    palette,
    banner,
    children,
  } = props;
  const words = useWords(shellWords);
  const pathname = usePathname();
  // the drawer belongs to the page it was opened on: a link in it leads elsewhere, and it has done its work
  const [drawerOn, setDrawerOn] = useState<string | null>(null);

  return (
    <AppShell
      layout="alt"
      header={{ height: "var(--osf-header)" }}
      navbar={{ width: { base: 220, sm: 56, md: 220 }, breakpoint: "sm", collapsed: { mobile: true } }}
      footer={{ height: "var(--osf-footer)" }}
      transitionDuration={0}
      classNames={{
        root: classes.root,
        header: classes.header,
        navbar: classes.navbar,
        footer: classes.footer,
        main: classes.main,
      }}
    >
      <a href="#main" className={classes.skip}>
        {words.skip}
      </a>

      <AppShell.Navbar withBorder aria-label={words.mainNavigation}>
        <Link href={homeHref} className={classes.brand} aria-label="OSF Gateway">
          <Mark size={24} />
          <span className={classes.brandName}>OSF Gateway</span>
        </Link>
        <NavList items={navItems} />
      </AppShell.Navbar>

      <AppShell.Header withBorder>
        <ActionIcon
          className={classes.phoneOnly}
          size={40}
          onClick={() => setDrawerOn(pathname)}
          aria-label={words.openNavigation}
        >
          <IconMenu2 size={20} />
        </ActionIcon>
        {workspace && <WorkspaceSwitcher {...workspace} />}
        <span className={classes.gap} />
        {palette && <PaletteControl {...palette} />}
        <span className={classes.gap} />
        {model && <ModelState {...model} />}
        {runs && <CountLink kind="runs" {...runs} />}
        {inbox && <CountLink kind="inbox" {...inbox} />}
        {user && <UserMenu {...user} />}
      </AppShell.Header>

      <AppShell.Main id="main" tabIndex={-1}>
        <ConnectionBanner {...(props.connection ? { connection: props.connection } : {})} />
        {banner}
        {children}
      </AppShell.Main>

      <AppShell.Footer withBorder hiddenFrom="sm">
        <PhoneBar items={phoneItems} />
      </AppShell.Footer>

      {drawerOn !== null && (
        <PhoneDrawer items={navItems} opened={drawerOn === pathname} onClose={() => setDrawerOn("")} />
      )}
    </AppShell>
  );
}
