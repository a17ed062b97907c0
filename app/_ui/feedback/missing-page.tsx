"use client";

import { IconMapQuestion } from "@tabler/icons-react";
import { useWords } from "../words/locale.tsx";
import { feedbackWords } from "./feedback-words.ts";
import { Notice } from "./notice.tsx";
import classes from "./feedback.module.css";

/** In place of a page that does not exist; light for the same reason as `FailedPage`. */
export function MissingPage() {
  const words = useWords(feedbackWords);
  return (
    <main>
      <Notice
        heading
        size="page"
        icon={<IconMapQuestion />}
        title={words.missing}
        actions={
          // a whole load, so that this page need not carry the router's link
          // oxlint-disable-next-line nextjs/no-html-link-for-pages
          <a href="/" className={classes.plainButton}>
            {words.home}
          </a>
        }
      >
        <p>{words.missingDetail}</p>
      </Notice>
    </main>
  );
}
