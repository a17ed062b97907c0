"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useWords } from "../words/locale.tsx";
import { isCurrent } from "./is-current.ts";
import { shellWords } from "./shell-words.ts";
import type { NavItem } from "./types.ts";
import classes from "./nav.module.css";

/** The bottom bar of phones: what one needs with one thumb. */
export function PhoneBar({ items }: { items: NavItem[] }) {
  const words = useWords(shellWords);
  const pathname = usePathname();
  return (
    <nav aria-label={words.phoneNavigation}>
      <ul className={classes.phone}>
        {items.map((item) => (
          <li key={item.href}>
            <Link
              href={item.href}
              className={classes.phoneLink}
              {...(isCurrent(pathname, item.href) ? { "aria-current": "page" as const } : {})}
            >
              <span aria-hidden="true">{item.icon}</span>
              {item.label}
              {item.badge ? (
                <span className={classes.badge}>
                  <span aria-hidden="true">{item.badge > 99 ? "99+" : item.badge}</span>
                  <span className="osf-sr-only">{words.waiting(item.badge)}</span>
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
