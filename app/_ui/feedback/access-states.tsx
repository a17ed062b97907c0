"use client";

import { Button } from "@mantine/core";
import { IconCloudOff, IconLock, IconMapQuestion } from "@tabler/icons-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { useWords } from "../words/locale.tsx";
import { feedbackWords } from "./feedback-words.ts";
import { Notice } from "./notice.tsx";

interface StateProps {
  /** What to do or whom to ask, in place of the general words. */
  children?: ReactNode;
  size?: "compact" | "page";
}

/** The role does not include it. Never for a stranger's id: that is *not found*. */
export function ForbiddenState({ children, size = "page" }: StateProps) {
  const words = useWords(feedbackWords);
  return (
    <Notice
      icon={<IconLock />}
      tone="attention"
      title={words.forbidden}
      size={size}
      actions={<HomeLink />}
      heading={size === "page"}
    >
      <p>{children ?? words.forbiddenDetail}</p>
    </Notice>
  );
}

export function MissingState({ children, size = "page" }: StateProps) {
  const words = useWords(feedbackWords);
  return (
    <Notice
      icon={<IconMapQuestion />}
      title={words.missing}
      size={size}
      actions={<HomeLink />}
      heading={size === "page"}
    >
      <p>{children ?? words.missingDetail}</p>
    </Notice>
  );
}

export function OfflineState({ children, size = "compact" }: StateProps) {
  const words = useWords(feedbackWords);
  return (
    <Notice icon={<IconCloudOff />} tone="attention" title={words.offline} size={size} role="status">
      <p>{children ?? words.offlineDetail}</p>
    </Notice>
  );
}

function HomeLink() {
  return (
    <Button component={Link} href="/" variant="default">
      {useWords(feedbackWords).home}
    </Button>
  );
}
