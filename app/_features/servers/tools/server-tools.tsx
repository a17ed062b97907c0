"use client";

import { IconTools } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolView, UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../../trpc/provider.tsx";
import type { ServersViewer } from "../servers-viewer.ts";
import { serversWords } from "../servers-words.ts";
import { ToolClass } from "./tool-class.tsx";
import classes from "../servers.module.css";

const ToolDrawer = dynamic(() => import("./tool-drawer.tsx").then((module) => module.ToolDrawer), { ssr: false });

/** What a server offers; a tool opens beside the table. */
export function ServerTools({ server, viewer }: { server: UpstreamView; viewer: ServersViewer }) {
  const words = useWords(serversWords);
  const query = useQuery(useTRPC().upstreams.tools.queryOptions({ server: server.name }));
  const [open, setOpen] = useState<string | null>(null);
  const columns: Column<ToolView>[] = [
    {
      id: "tool",
      header: words.tool,
      value: ({ title }) => title,
      render: ({ title, name }) => (
        <span className={classes.two}>
          {title}
          <span className={classes.sub}>{name}</span>
        </span>
      ),
    },
    {
      id: "class",
      header: words.kind,
      width: "8rem",
      value: (tool) => words.classes[tool.class],
      render: (tool) => <ToolClass of={tool.class} />,
    },
    {
      id: "description",
      header: words.does,
      from: "md",
      sortable: false,
      value: ({ description }) => brief(description),
    },
  ];
  return (
    <>
      <DataTable<ToolView>
        name="tools"
        label={words.tools}
        mainTable
        columns={columns}
        rows={query.data}
        rowKey={({ name }) => name}
        onOpen={({ name }) => setOpen(name)}
        {...(open ? { current: open } : {})}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeletonRows={5}
        toolbar={<span className={classes.note}>{words.toolCount(server.tools)}</span>}
        empty={<EmptyState icon={<IconTools />} title={server.state === "ok" ? words.noTools : words.noToolsDown} />}
      />
      <ToolDrawer
        tool={query.data?.find(({ name }) => name === open) ?? null}
        onClose={() => setOpen(null)}
        viewer={viewer}
      />
    </>
  );
}

const BRIEF = 110;
const brief = (text: string) => (text.length <= BRIEF ? text : `${text.slice(0, BRIEF - 1).trimEnd()}…`);
