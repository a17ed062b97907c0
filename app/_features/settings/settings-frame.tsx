"use client";

import {
  IconBuildingFactory2,
  IconKey,
  IconListSearch,
  IconLock,
  IconPalette,
  IconPlugConnected,
  IconUser,
} from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

/** The pages of the settings beside each other; `audits`: those who may read what happened in the workspace. */
export function SettingsFrame({ audits, children }: { audits: boolean; children: ReactNode }) {
  const words = useWords(settingsWords);
  const pathname = usePathname();
  const tabs = [
    { href: "/settings", label: words.profile, Icon: IconUser },
    { href: "/settings/api-keys", label: words.keys, Icon: IconKey },
    { href: "/settings/secrets", label: words.secrets, Icon: IconLock },
    { href: "/settings/connections", label: words.connections, Icon: IconPlugConnected },
    { href: "/settings/appearance", label: words.appearance, Icon: IconPalette },
    { href: "/settings/workspace", label: words.workspace, Icon: IconBuildingFactory2 },
    ...(audits ? [{ href: "/settings/audit", label: words.audit, Icon: IconListSearch }] : []),
  ];
  return (
    <PageFrame>
      <PageHeader title={words.settings} />
      <div className={classes.frame}>
        <nav aria-label={words.settings}>
          <ul className={classes.tabs}>
            {tabs.map(({ href, label, Icon }) => (
              <li key={href}>
                <Link
                  href={href}
                  className={classes.tab}
                  {...(pathname === href ? { "aria-current": "page" as const } : {})}
                >
                  <Icon size={18} stroke={1.75} aria-hidden="true" />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className={classes.content}>{children}</div>
      </div>
    </PageFrame>
  );
}
