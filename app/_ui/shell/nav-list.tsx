"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Tooltip } from "../tooltip/tooltip.tsx";
import { useWords } from "../words/locale.tsx";
import { isCurrent } from "./is-current.ts";
import { shellWords } from "./shell-words.ts";
import type { NavItem } from "./types.ts";
import classes from "./nav.module.css";

/** The entries of the navigation, within a `nav` of the frame. Below 1100 px it shows icons only, with the word on hover; `wide` always shows both. */
export function NavList({ items, wide = false }: { items: NavItem[]; wide?: boolean }) {
  const main = items.filter((item) => item.section !== "below");
  const below = items.filter((item) => item.section === "below");
  return (
    <div className={classes.nav} data-wide={wide || undefined}>
      <NavGroup items={main} />
      {below.length > 0 && <NavGroup items={below} below />}
    </div>
  );
}

function NavGroup({ items, below = false }: { items: NavItem[]; below?: boolean }) {
  return (
    <ul className={classes.group} data-below={below || undefined}>
      {items.map((item) => (
        <li key={item.href}>
          <NavEntry item={item} />
        </li>
      ))}
    </ul>
  );
}

function NavEntry({ item }: { item: NavItem }) {
  const words = useWords(shellWords);
  const current = isCurrent(usePathname(), item.href);
  const waiting = item.badge && item.badge > 0 ? item.badge : null;
  return (
    <Tooltip label={item.label} position="right" className={classes.tip}>
      <Link href={item.href} className={classes.link} {...(current ? { "aria-current": "page" as const } : {})}>
        <span className={classes.icon} aria-hidden="true">
          {item.icon}
        </span>
        <span className={classes.label}>{item.label}</span>
        {waiting !== null && (
          <span className={classes.badge}>
            <span aria-hidden="true">{waiting > 99 ? "99+" : waiting}</span>
            <span className="osf-sr-only">{words.waiting(waiting)}</span>
          </span>
        )}
      </Link>
    </Tooltip>
  );
}
