"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useWords } from "#app/_ui/words/locale.tsx";
import { adminWords } from "./admin-words.ts";
import classes from "./admin.module.css";

/** The parts of the administration above each of its pages. */
export function AdminFrame({ children }: { children: ReactNode }) {
  const words = useWords(adminWords);
  const pathname = usePathname();
  return (
    <>
      <nav className={classes.nav} aria-label={words.sections}>
        {(["runs", "pods", "upstreams", "model"] as const).map((part) => {
          const href = `/admin/${part}`;
          const current = pathname === href || pathname.startsWith(`${href}/`);
          return (
            <Link key={part} href={href} {...(current ? { "aria-current": "page" as const } : {})}>
              {words[part]}
            </Link>
          );
        })}
      </nav>
      {children}
    </>
  );
}
