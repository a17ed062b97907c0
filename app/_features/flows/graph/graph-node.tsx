"use client";

import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { IconAlertTriangleFilled, IconZoomIn } from "@tabler/icons-react";
import { createContext, memo, use } from "react";
import { nodeColours, nodeInk } from "#app/_ui/theme/node-colours.ts";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { DrawnGroup, DrawnNode } from "./drawing.ts";
import { GraphIcon } from "./graph-icons.tsx";
import { graphWords } from "./graph-words.ts";
import { NO_MARKS, type Marks, type NodeMark } from "./marks.ts";
import classes from "./graph.module.css";

/** What a run did and what is wrong: beside the drawing, so that a change draws anew only what it concerns. */
export const MarksContext = createContext<Marks>(NO_MARKS);
export const IssuesContext = createContext<ReadonlyMap<string, "error" | "hint">>(new Map());
export const HoverContext = createContext<string | null>(null);
export const OpenContext = createContext<((node: DrawnNode) => void) | null>(null);

export type RedNode = Node<{ node: DrawnNode }, "red">;
export type GroupNode = Node<{ group: DrawnGroup }, "group-box">;

export function GraphNode({ data: { node }, selected }: NodeProps<RedNode>) {
  const mark = use(MarksContext).nodes.get(node.id);
  const issue = use(IssuesContext).get(node.id);
  const open = use(OpenContext);
  const hovered = use(HoverContext) === node.id;
  return <NodeBody node={node} hovered={hovered} selected={selected} mark={mark} issue={issue} open={open} />;
}

interface NodeBodyProps {
  node: DrawnNode;
  hovered: boolean;
  selected: boolean;
  mark: NodeMark | undefined;
  issue: "error" | "hint" | undefined;
  open: ((node: DrawnNode) => void) | null;
}

const NodeBody = memo(function NodeBody({ node, hovered, selected, mark, issue, open }: NodeBodyProps) {
  const words = useWords(graphWords);
  const { form, kind, lines, bare, outputs } = node;
  return (
    <div
      className={classes.node}
      data-form={form}
      data-selected={selected || undefined}
      data-hovered={hovered || undefined}
      data-disabled={node.disabled || undefined}
      data-right={kind.right}
      data-bare={bare || undefined}
      data-comment={node.type === "comment" || undefined}
      data-state={mark?.state}
      style={{ width: node.width, height: node.height, background: nodeColours[kind.colour], color: nodeInk }}
    >
      {node.inputs > 0 && <Port side="in" id="in" top={node.height / 2} />}
      {form === "node" && (
        <span className={classes.icon}>
          <GraphIcon of={kind.icon} />
        </span>
      )}
      {form !== "junction" && !bare && <span className={classes.label}>{lines.join("\n")}</span>}
      {Array.from({ length: outputs }, (_, port) => (
        <Port
          key={port}
          side="out"
          id={String(port)}
          top={node.height / 2 - ((outputs - 1) / 2) * 13 + 13 * port}
          title={node.outputLabels[port] ?? ""}
        />
      ))}
      {issue && (
        <span className={classes.issue} data-tone={issue}>
          <IconAlertTriangleFilled size={16} />
        </span>
      )}
      {node.subflow && open && (
        <button
          type="button"
          className={`${classes.enter} nodrag nopan`}
          tabIndex={-1}
          title={words.enter(node.label)}
          onClick={(event) => {
            event.stopPropagation();
            open(node);
          }}
        >
          <IconZoomIn size={14} aria-hidden="true" />
          <span className="osf-sr-only">{words.enter(node.label)}</span>
        </button>
      )}
      {mark && (
        <span className={classes.mark} data-state={mark.state}>
          <StateIcon state={mark.state} size={12} />
          <span>{mark.detail ? `${mark.word} · ${mark.detail}` : mark.word}</span>
        </span>
      )}
    </div>
  );
});

function Port({ side, id, top, title }: { side: "in" | "out"; id: string; top: number; title?: string }) {
  return (
    <Handle
      type={side === "in" ? "target" : "source"}
      position={side === "in" ? Position.Left : Position.Right}
      id={id}
      className={classes.port ?? ""}
      style={{ top }}
      isConnectable={false}
      {...(title ? { title } : {})}
    />
  );
}

export function GraphGroup({ data: { group } }: NodeProps<GroupNode>) {
  return (
    <div
      className={classes.group}
      style={{
        width: group.width,
        height: group.height,
        ...(group.stroke ? { borderColor: group.stroke } : {}),
        ...(group.fill ? { background: `color-mix(in srgb, ${group.fill} 18%, transparent)` } : {}),
      }}
    >
      {group.name && <span className={classes.groupName}>{group.name}</span>}
    </div>
  );
}
