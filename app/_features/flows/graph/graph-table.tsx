"use client";

import { Button } from "@mantine/core";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { DrawnNode, Drawing } from "./drawing.ts";
import { graphWords } from "./graph-words.ts";
import type { Marks } from "./marks.ts";
import { reading } from "./next-node.ts";
import classes from "./graph.module.css";

/** Everything that the graph shows, as rows: for screen readers, and for whoever reads more easily than looks. */
export function GraphTable(props: {
  drawing: Drawing;
  marks: Marks;
  selected: string | null;
  onSelect: ((node: DrawnNode | null) => void) | undefined;
  onOpen: (node: DrawnNode) => void;
}) {
  const { drawing, marks, selected, onSelect, onOpen } = props;
  const words = useWords(graphWords);
  const labels = new Map(drawing.nodes.map(({ id, label }) => [id, label]));
  const targets = (node: DrawnNode) =>
    drawing.wires
      .filter((wire) => wire.from === node.id)
      .map((wire) => {
        const output = node.outputs > 1 ? words.output(wire.port + 1, node.outputLabels[wire.port] ?? "") : "";
        const count = marks.wires.get(wire.id)?.count ?? 0;
        return [output, labels.get(wire.to), count > 0 ? `(${words.carried(count)})` : ""].filter(Boolean).join(" ");
      });
  const columns: Column<DrawnNode>[] = [
    {
      id: "node",
      header: words.node,
      value: ({ label }) => label,
      render: ({ label, disabled }) => (disabled ? `${label} (${words.disabled})` : label),
    },
    { id: "type", header: words.type, width: "10rem", from: "sm", mono: true, value: ({ type }) => type },
    { id: "goes", header: words.goesTo, from: "sm", value: (node) => targets(node).join("; ") || words.nowhere },
    ...(marks.nodes.size > 0
      ? [
          {
            id: "state",
            header: words.state,
            value: ({ id }: DrawnNode) => marks.nodes.get(id)?.word ?? "",
            render: ({ id }: DrawnNode) => {
              const mark = marks.nodes.get(id);
              const said = [mark?.word, mark?.detail].filter(Boolean).join(" · ");
              return mark ? <StateBadge state={mark.state} word={said} variant="plain" size="sm" /> : "–";
            },
          },
        ]
      : []),
    ...(drawing.nodes.some(({ subflow }) => subflow)
      ? [
          {
            id: "open",
            header: "",
            width: "12rem",
            fixed: true,
            render: (node: DrawnNode) =>
              node.subflow && (
                <Button size="compact-sm" variant="subtle" className={classes.above ?? ""} onClick={() => onOpen(node)}>
                  {words.enter(node.label)}
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <DataTable<DrawnNode>
      bare
      name="flow-graph"
      label={words.graph}
      columns={columns}
      rows={reading(drawing)}
      rowKey={({ id }) => id}
      {...(onSelect ? { onOpen: onSelect } : {})}
      {...(selected ? { current: selected } : {})}
    />
  );
}
