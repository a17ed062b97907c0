"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import classes from "./layout.module.css";

export interface SectionPart {
  href: string;
  label: string;
  /** Beside the word: how many wait there. */
  aside?: ReactNode;
  /** Current on this very address only, because other parts lie below it. */
  exact?: (pathname: string) => boolean;
}

/** The parts of a section of the product, above each of its pages. */
export function SectionNav({ label, parts }: { label: string; parts: SectionPart[] }) {
  const pathname = usePathname();
  return (
    <nav className={classes.sections} aria-label={label}>
      {parts.map((part) => {
        const current = part.exact?.(pathname) ?? (pathname === part.href || pathname.startsWith(`${part.href}/`));
        return (
          <Link key={part.href} href={part.href} {...(current ? { "aria-current": "page" as const } : {})}>
            {part.label}
            {part.aside}
          </Link>
        );
      })}
    </nav>
  );
}
