"use client";

import "@xyflow/react/dist/base.css";
import { ActionIcon } from "@mantine/core";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import {
  Background,
  BackgroundVariant,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type NodeChange,
} from "@xyflow/react";
import { useEffect, useEffectEvent, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { DrawnNode, Drawing } from "./drawing.ts";
import {
  GraphGroup,
  GraphNode,
  HoverContext,
  IssuesContext,
  MarksContext,
  OpenContext,
  type GroupNode,
  type RedNode,
} from "./graph-node.tsx";
import { graphWords } from "./graph-words.ts";
import { GraphWire, type RedWire } from "./graph-wire.tsx";
import { NO_MARKS, type Marks } from "./marks.ts";
import { fitDrawing } from "./fit-drawing.ts";
import { nextNode, reading, type Direction } from "./next-node.ts";
import classes from "./graph.module.css";

const nodeTypes = { red: GraphNode, "group-box": GraphGroup };
const edgeTypes = { wire: GraphWire };
const NO_ISSUES: ReadonlyMap<string, "error" | "hint"> = new Map();
const ARROWS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

export interface FlowCanvasProps {
  drawing: Drawing;
  label: string;
  marks?: Marks;
  issues?: ReadonlyMap<string, "error" | "hint">;
  selected?: string | null;
  onSelect?: (node: DrawnNode | null) => void;
  onOpen?: (node: DrawnNode) => void;
  /** Id of the node that is pointed at elsewhere. */
  hovered?: string | null;
  onHover?: (node: DrawnNode | null) => void;
}

/** The graph itself. Loaded when it is wanted: its library is large. */
export function FlowCanvas(props: FlowCanvasProps) {
  return (
    <ReactFlowProvider>
      <MarksContext value={props.marks ?? NO_MARKS}>
        <IssuesContext value={props.issues ?? NO_ISSUES}>
          <OpenContext value={props.onOpen ?? null}>
            <HoverContext value={props.hovered ?? null}>
              <Canvas {...props} />
            </HoverContext>
          </OpenContext>
        </IssuesContext>
      </MarksContext>
    </ReactFlowProvider>
  );
}

function Canvas({ drawing, label, marks = NO_MARKS, selected = null, onSelect, onOpen, onHover }: FlowCanvasProps) {
  const words = useWords(graphWords);
  const frame = useRef<HTMLDivElement>(null);
  // one node takes the keyboard at a time, and the arrows go on from it
  const [focused, setFocused] = useState<string | null>(null);
  const first = useMemo(() => reading(drawing)[0]?.id ?? null, [drawing]);
  const byId = useMemo(() => new Map(drawing.nodes.map((node) => [node.id, node])), [drawing]);
  const entry =
    focused !== null && byId.has(focused) ? focused : selected !== null && byId.has(selected) ? selected : first;
  const refit = useFit(frame, drawing);

  const groups = useMemo(
    () =>
      drawing.groups.map((group): GroupNode => ({
        id: `group ${group.id}`,
        type: "group-box",
        position: { x: group.x, y: group.y },
        width: group.width,
        height: group.height,
        data: { group },
        selectable: false,
        focusable: false,
        zIndex: -1,
      })),
    [drawing],
  );
  const nodes = useMemo(
    () =>
      drawing.nodes.map((node): RedNode => {
        const mark = marks.nodes.get(node.id);
        const said = [
          node.label,
          node.type === node.label || node.form !== "node" ? "" : node.type,
          mark?.word,
          mark?.detail,
        ];
        return {
          id: node.id,
          type: "red",
          position: { x: node.x, y: node.y },
          width: node.width,
          height: node.height,
          data: { node },
          selected: node.id === selected,
          ariaRole: "button",
          ariaLabel: [...said, node.disabled ? words.disabled : ""].filter(Boolean).join(", "),
          domAttributes: { tabIndex: node.id === entry ? 0 : -1, "aria-pressed": node.id === selected },
        };
      }),
    [drawing, marks, selected, entry, words],
  );
  const edges = useMemo(
    () =>
      drawing.wires.map((wire): RedWire => ({
        id: wire.id,
        type: "wire",
        source: wire.from,
        target: wire.to,
        sourceHandle: String(wire.port),
        targetHandle: "in",
        data: { wire },
        focusable: false,
        selectable: false,
      })),
    [drawing],
  );

  const onChanges = (changes: NodeChange[]) => {
    for (const change of changes)
      if (change.type === "select" && change.selected) {
        const node = byId.get(change.id);
        if (node) onSelect?.(node);
      }
  };
  const onKey = (event: KeyboardEvent<HTMLDivElement>) => {
    const id = event.target instanceof Element ? event.target.closest("[data-id]")?.getAttribute("data-id") : null;
    const node = id ? byId.get(id) : undefined;
    if (!node) return;
    const direction = ARROWS[event.key];
    if (direction) {
      event.preventDefault();
      event.stopPropagation();
      const next = nextNode(drawing, node.id, direction);
      if (!next) return;
      setFocused(next.id);
      frame.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(next.id)}"]`)?.focus();
    } else if (event.key === "Enter" && event.shiftKey && node.subflow) {
      event.preventDefault();
      event.stopPropagation();
      onOpen?.(node);
    } else if (event.key === "Escape" && selected !== null) {
      event.stopPropagation();
      onSelect?.(null);
    }
  };

  return (
    <div ref={frame} className={classes.canvas} onKeyDownCapture={onKey} role="group" aria-label={label}>
      <ReactFlow<RedNode | GroupNode, RedWire>
        nodes={[...groups, ...nodes]}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onChanges}
        onPaneClick={() => onSelect?.(null)}
        onNodeClick={(_, { id }) => setFocused(id)}
        onNodeMouseEnter={(_, { id }) => onHover?.(byId.get(id) ?? null)}
        onNodeMouseLeave={() => onHover?.(null)}
        onNodeDoubleClick={(_, { id }) => {
          const node = byId.get(id);
          if (node?.subflow) onOpen?.(node);
        }}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        elementsSelectable
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        minZoom={0.15}
        maxZoom={2}
        onInit={() => refit.fit()}
        onMoveStart={(event) => event && refit.touched()}
        attributionPosition="bottom-left"
        ariaLabelConfig={{
          "node.a11yDescription.default": words.howTo,
          "node.a11yDescription.keyboardDisabled": words.howTo,
        }}
      >
        <Background variant={BackgroundVariant.Lines} gap={20} lineWidth={1} color="var(--osf-graph-grid)" />
        <Panel position="bottom-right" className={classes.tools ?? ""}>
          <Zoom onFit={refit.whole} />
        </Panel>
      </ReactFlow>
    </div>
  );
}

function Zoom({ onFit }: { onFit: () => void }) {
  const words = useWords(graphWords);
  const flow = useReactFlow();
  return (
    <>
      {(
        [
          [words.zoomOut, IconMinus, () => void flow.zoomOut()],
          [words.zoomIn, IconPlus, () => void flow.zoomIn()],
          [words.fit, IconFocusCentered, onFit],
        ] as const
      ).map(([label, Icon, act]) => (
        <Tooltip key={label} label={label}>
          <ActionIcon variant="default" aria-label={label} onClick={act}>
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
    </>
  );
}

/** Shows the graph: at first, when another part is drawn, and when the frame's size changes until somebody moves it. */
function useFit(frame: { current: HTMLDivElement | null }, drawing: Drawing) {
  const flow = useReactFlow();
  const moved = useRef(false);
  const show = (whole: boolean, duration = 0) => {
    const { clientWidth: width = 0, clientHeight: height = 0 } = frame.current ?? {};
    const viewport = fitDrawing(drawing, { width, height }, whole);
    if (viewport) void flow.setViewport(viewport, { duration });
  };
  const fit = useEffectEvent(() => show(false));
  const shape = drawing.nodes.map(({ id }) => id).join(" ");
  useEffect(() => {
    moved.current = false;
    if (shape !== "") fit();
  }, [shape]);
  useEffect(() => {
    if (!frame.current) return undefined;
    const observer = new ResizeObserver(() => {
      if (!moved.current) fit();
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
  return {
    touched: () => {
      moved.current = true;
    },
    fit: () => show(false),
    whole: () => {
      moved.current = true;
      show(true, 160);
    },
  };
}
