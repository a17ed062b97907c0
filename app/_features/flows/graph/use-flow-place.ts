"use client";

import { useMemo, useState } from "react";
import type { FlowNode } from "#server/features/flows/schema.ts";
import { drawFlow, type DrawnNode, type Drawing } from "./drawing.ts";
import { measureText } from "./measure-text.ts";
import { subflowOf } from "./node-kind.ts";

export interface FlowPlace {
  drawing: Drawing;
  /** The id of the tab or subflow that is drawn. */
  container: string;
  /** Ids of the instances that one has looked into, the outermost first. */
  path: readonly string[];
  /** The tab and the subflows on the way here; the last one is where one is. */
  crumbs: { id: string; label: string; leave: () => void }[];
  /** All tabs that belong to the flow, where there is more than one. */
  tabs: { id: string; label: string; current: boolean; open: () => void }[];
  /** Looks into a subflow's instance. */
  open: (node: DrawnNode) => void;
}

/** Which part of a flow is drawn: its tab, another tab that it is linked with, or the inside of a subflow. */
export function useFlowPlace(nodes: readonly FlowNode[], tabId: string): FlowPlace {
  const [tab, setTab] = useState(tabId);
  const [path, setPath] = useState<readonly string[]>([]);
  const tabs = useMemo(() => nodes.filter(({ type }) => type === "tab"), [nodes]);
  const known = tabs.some(({ id }) => id === tab) ? tab : tabId;

  const place = useMemo(() => {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const crumbs: { id: string; label: string; container: string }[] = [
      { id: known, label: text(byId.get(known)?.["label"]) || text(byId.get(known)?.name), container: known },
    ];
    // a deploy may have removed what one had looked into
    const valid: string[] = [];
    for (const instance of path) {
      const node = byId.get(instance);
      const subflow = node && byId.get(subflowOf(node.type) ?? "");
      if (!node || !subflow) break;
      valid.push(instance);
      crumbs.push({ id: instance, label: text(node.name) || text(subflow.name), container: subflow.id });
    }
    const container = crumbs.at(-1)?.container ?? known;
    return { crumbs, container, path: valid, drawing: drawFlow(nodes, container, measureText, valid) };
  }, [nodes, known, path]);

  return {
    drawing: place.drawing,
    container: place.container,
    path: place.path,
    crumbs: place.crumbs.map(({ id, label }, depth) => ({
      id,
      label,
      leave: () => setPath(place.path.slice(0, depth)),
    })),
    tabs:
      tabs.length < 2
        ? []
        : tabs.map(({ id, name, ...rest }) => ({
            id,
            label: text(rest["label"]) || text(name) || id,
            current: id === known,
            open: () => {
              setTab(id);
              setPath([]);
            },
          })),
    open: ({ id, subflow }) => {
      if (subflow) setPath([...place.path, id]);
    },
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
