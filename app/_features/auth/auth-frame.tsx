"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "#app/_ui/brand/mark.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { authWords } from "./auth-words.ts";
import classes from "./auth.module.css";

/** Where one is not signed in yet: what this is, one form, and the way to the other one. */
export function AuthFrame({
  title,
  lead,
  aside,
  other,
  version,
  children,
}: {
  title: string;
  lead?: ReactNode;
  /** Below the form: what a demonstration tells of itself. */
  aside?: ReactNode;
  other: { question: string; label: string; href: string };
  version: string;
  children: ReactNode;
}) {
  const words = useWords(authWords);
  return (
    <div className={classes.ground}>
      <main className={classes.column}>
        <header className={classes.brand}>
          <Mark size={40} />
          <p className={classes.name}>OSF Gateway</p>
          <p className={classes.what}>{words.what}</p>
        </header>
        <div className={classes.card}>
          <h1 className={classes.title}>{title}</h1>
          {lead && <p className={classes.lead}>{lead}</p>}
          {children}
          <p className={classes.other}>
            {other.question} <Link href={other.href}>{other.label}</Link>
          </p>
        </div>
        {aside}
      </main>
      <footer className={classes.foot}>
        <Link href="/docs/api">{words.api}</Link>
        <span>
          {words.version} {version}
        </span>
      </footer>
    </div>
  );
}
