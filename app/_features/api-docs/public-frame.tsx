"use client";

import { Button } from "@mantine/core";
import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "#app/_ui/brand/mark.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { docsWords } from "./docs-words.ts";
import classes from "./docs.module.css";

/** A page that one may read without having signed in. */
export function PublicFrame({ signInHref, children }: { signInHref: string; children: ReactNode }) {
  const words = useWords(docsWords);
  return (
    <>
      <header className={classes.bar}>
        <Link href={signInHref} className={classes.brand}>
          <Mark size={24} />
          OSF Gateway
        </Link>
        <Button component={Link} href={signInHref} variant="default">
          {words.signIn}
        </Button>
      </header>
      <main>{children}</main>
    </>
  );
}
