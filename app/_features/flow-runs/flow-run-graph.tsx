"use client";

import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail } from "#server/features/runs/schema.ts";
import { drawingRatio } from "../flows/graph/drawing-bounds.ts";
import type { DrawnNode } from "../flows/graph/drawing.ts";
import { FlowGraph } from "../flows/graph/flow-graph.tsx";
import { useFlowPlace } from "../flows/graph/use-flow-place.ts";
import type { Outputs } from "../trpc/provider.tsx";
import type { FlowLog } from "./flow-log.ts";
import type { Selection } from "./flow-run-page.tsx";
import { flowRunWords } from "./flow-run-words.ts";
import type { NamedNode } from "./node-names.ts";
import { useFlowMarks } from "./use-flow-marks.ts";
import classes from "./flow-runs.module.css";

const Inspector = dynamic(() => import("./inspector.tsx").then((module) => module.Inspector), {
  ssr: false,
  loading: () => <BlockSkeleton height="100%" />,
});

interface FlowRunGraphProps {
  run: RunDetail;
  graph: Outputs["runs"]["graph"];
  log: FlowLog;
  version: number;
  names: (key: string) => NamedNode;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** The node's id in the run. */
  hovered: string | null;
  onHover: (node: string | null) => void;
  /** The timeline: below, or beside the inspector where the drawing needs the whole width. */
  children: ReactNode;
}

/** A drawing flatter than this is not legible beside the inspector. */
const FLAT = 3;

/** The flow with what happens at its nodes and on its wires, and beside it what one has chosen. */
export function FlowRunGraph(props: FlowRunGraphProps) {
  const { run, graph, log, version, names, selection, onSelect, hovered, onHover, children } = props;
  const words = useWords(flowRunWords);
  const place = useFlowPlace(graph.nodes, graph.tabId);
  const marks = useFlowMarks(log, version, place, graph.nodes);
  /** Of what is drawn: the node itself, or the instance that it lies in. */
  const drawn = (key: string | null) =>
    key === null
      ? null
      : (place.drawing.nodes.find((node) => node.key === key || (node.subflow && key.startsWith(`${node.key}-`)))?.id ??
        null);
  const flat = drawingRatio(place.drawing) > FLAT;
  return (
    <div className={classes.split} data-flat={flat || undefined}>
      <Panel flush title={words.graph}>
        <div className={flat ? undefined : classes.graph}>
          <FlowGraph
            fits={flat}
            place={place}
            marks={marks}
            selected={drawn(selection.node)}
            hovered={drawn(hovered)}
            onHover={(node) => onHover(node?.key ?? null)}
            onSelect={(node) => onSelect(node ? latestAt(log, node) : { node: null, seq: null })}
          />
        </div>
      </Panel>
      <Inspector
        key={`${selection.node}`}
        run={run}
        log={log}
        version={version}
        names={names}
        selection={selection}
        onSelect={onSelect}
      />
      {children}
    </div>
  );
}

/** The last message that a node got; of a subflow's instance the last one within it. */
function latestAt(log: FlowLog, { key, subflow }: DrawnNode): Selection {
  const own = log.nodes.get(key)?.steps.at(-1);
  if (!subflow || own !== undefined) return { node: key, seq: own ?? null };
  const last = log.steps.findLast((step) => step?.node.startsWith(`${key}-`));
  return { node: last?.node ?? key, seq: last?.seq ?? null };
}
