"use client";

import { Anchor, Button, Drawer } from "@mantine/core";
import Link from "next/link";
import { useMemo, useState } from "react";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { useFlowLog } from "../flow-runs/use-flow-log.ts";
import { useFlowMarks } from "../flow-runs/use-flow-marks.ts";
import { FlowEndpoints } from "./flow-endpoints.tsx";
import { FlowIssues } from "./flow-issues.tsx";
import { flowWords } from "./flow-words.ts";
import type { DrawnNode } from "./graph/drawing.ts";
import { FlowGraph } from "./graph/flow-graph.tsx";
import { useFlowPlace } from "./graph/use-flow-place.ts";
import classes from "./flows.module.css";

/** The flow as drawn with what its last run did, what is wrong with it, and how it is started. */
export function FlowOverview({ flow, mayEdit }: { flow: FlowDetail; mayEdit: boolean }) {
  const words = useWords(flowWords);
  return (
    <div className={classes.overview}>
      {/* another run, another log */}
      <GraphPanel key={flow.lastRun?.id ?? "none"} flow={flow} mayEdit={mayEdit} />
      <div className={classes.two}>
        <FlowEndpoints flow={flow} />
        <Panel title={words.facts}>
          <KeyValue
            items={[
              { label: words.owner, value: flow.mine ? words.you : flow.ownerName },
              { label: words.nodes, value: flow.nodeCount },
              {
                label: words.starts,
                value: flow.starts.length > 0 ? flow.starts.map(({ label }) => label).join(", ") : undefined,
              },
              { label: words.revision, value: flow.revision },
              { label: words.changed, value: <RelativeTime at={flow.updatedAt} /> },
              { label: words.created, value: <RelativeTime at={flow.createdAt} /> },
              { label: words.id, value: <ShortId id={flow.id} /> },
            ]}
          />
        </Panel>
      </div>
    </div>
  );
}

function GraphPanel({ flow, mayEdit }: { flow: FlowDetail; mayEdit: boolean }) {
  const words = useWords(flowWords);
  const { lastRun, nodes, issues } = flow;
  const { log, version } = useFlowLog(lastRun?.id ?? null);
  const place = useFlowPlace(nodes, flow.tabId);
  const marks = useFlowMarks(log, version, place, nodes);
  const [selected, setSelected] = useState<DrawnNode | null>(null);
  const tones = useMemo(() => {
    const worst = new Map<string, "error" | "hint">();
    for (const { node, severity } of issues) if (node && worst.get(node) !== "error") worst.set(node, severity);
    return worst;
  }, [issues]);
  return (
    <>
      <FlowIssues
        flow={flow}
        mayEdit={mayEdit}
        onShow={(id) => setSelected(place.drawing.nodes.find((node) => node.id === id) ?? null)}
      />
      <Panel
        flush
        title={words.graph}
        description={lastRun ? words.graphLast : undefined}
        actions={
          lastRun && (
            <Anchor component={Link} href={`/runs/${lastRun.id}`} size="sm">
              {words.openRun}
            </Anchor>
          )
        }
      >
        <div>
          <FlowGraph
            fits
            place={place}
            marks={marks}
            issues={tones}
            selected={selected?.id ?? null}
            onSelect={setSelected}
          />
        </div>
      </Panel>
      <NodeDrawer
        flow={flow}
        node={selected}
        onClose={() => setSelected(null)}
        onOpen={(node) => {
          setSelected(null);
          place.open(node);
        }}
      />
    </>
  );
}

/** What is set on a node, and what is wrong with it. */
function NodeDrawer(props: {
  flow: FlowDetail;
  node: DrawnNode | null;
  onClose: () => void;
  onOpen: (node: DrawnNode) => void;
}) {
  const { flow, node, onClose, onOpen } = props;
  const words = useWords(flowWords);
  // the words stay while it slides out
  const [shown, setShown] = useState(node);
  if (node && node !== shown) setShown(node);
  const definition = flow.nodes.find(({ id }) => id === shown?.id);
  const issues = flow.issues.filter((issue) => issue.node === shown?.id);
  const {
    id: _id,
    type: _type,
    z: _z,
    g: _g,
    x: _x,
    y: _y,
    wires: _wires,
    name: _name,
    info: _info,
    ...own
  } = definition ?? { id: "", type: "" };
  return (
    <Drawer
      opened={node !== null}
      onClose={onClose}
      position="right"
      size="min(32rem, 100vw)"
      title={shown?.label}
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
    >
      {shown && (
        <div className={classes.form}>
          <KeyValue
            items={[
              { label: words.nodeType, value: <code>{shown.type}</code> },
              { label: words.nodeInfo, value: shown.info || undefined },
              { label: words.id, value: <ShortId id={shown.id} /> },
            ]}
          />
          {issues.map((issue) => (
            <div key={issue.code + issue.message} className={classes.issueText}>
              <StateBadge
                state={issue.severity === "error" ? "fault" : "attention"}
                word={issue.severity === "error" ? words.error : words.hint}
                variant="plain"
              />
              <p>{issue.message}</p>
            </div>
          ))}
          {shown.subflow && (
            <div>
              <Button variant="default" onClick={() => onOpen(shown)}>
                {words.openSubflow}
              </Button>
            </div>
          )}
          {Object.keys(own).length > 0 && <JsonView value={own} depth={3} maxHeight="60vh" />}
        </div>
      )}
    </Drawer>
  );
}
