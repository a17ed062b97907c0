"use client";

import { Badge } from "@mantine/core";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolView } from "#server/features/upstreams/schema.ts";
import { serversWords } from "../servers-words.ts";

const COLOR = { read: "gray", write: "attention", dangerous: "fault" } as const;

/** What a call may do, as a word. */
export function ToolClass({ of }: { of: ToolView["class"] }) {
  const words = useWords(serversWords);
  return (
    <Tooltip label={words.classHint[of]}>
      <Badge color={COLOR[of]}>{words.classes[of]}</Badge>
    </Tooltip>
  );
}
