"use client";

import { ActionIcon } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { serversWords } from "./servers-words.ts";
import { useCheck } from "./use-servers.ts";

export function CheckNow({ server }: { server: UpstreamView }) {
  const words = useWords(serversWords);
  const check = useCheck();
  return (
    <Tooltip label={words.check}>
      <ActionIcon
        onClick={() => check.mutate({ id: server.id })}
        loading={check.isPending}
        disabled={!server.enabled}
        aria-label={words.checkWhat(server.title)}
      >
        <IconRefresh size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
