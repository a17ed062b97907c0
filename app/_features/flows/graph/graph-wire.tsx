"use client";

import { BaseEdge, type Edge, type EdgeProps } from "@xyflow/react";
import { memo, use } from "react";
import type { DrawnWire } from "./drawing.ts";
import { MarksContext } from "./graph-node.tsx";
import { wireMiddle, wirePath } from "./wire-path.ts";
import classes from "./graph.module.css";

export type RedWire = Edge<{ wire: DrawnWire }, "wire">;

const FIGURE = 7;

/** A wire, with the number of messages that went over it. */
export function GraphWire({ id, data }: EdgeProps<RedWire>) {
  const mark = use(MarksContext).wires.get(id);
  if (!data) return null;
  return <WireBody wire={data.wire} count={mark?.count ?? 0} live={mark?.live ?? false} />;
}

const WireBody = memo(function WireBody({ wire, count, live }: { wire: DrawnWire; count: number; live: boolean }) {
  const { start, end } = wire;
  const path = wirePath(start, end);
  const middle = wireMiddle(start, end);
  const figure = count > 9_999 ? `${Math.floor(count / 1_000)}k` : String(count);
  const width = figure.length * FIGURE + 8;
  return (
    <g className={classes.wire} data-carried={count > 0 || undefined} data-live={live || undefined}>
      <BaseEdge path={path} interactionWidth={0} />
      {count > 0 && (
        <g transform={`translate(${middle.x}, ${middle.y})`}>
          <rect x={-width / 2} y={-8} width={width} height={16} rx={8} className={classes.figureGround ?? ""} />
          <text textAnchor="middle" dominantBaseline="central" className={classes.figure ?? ""}>
            {figure}
          </text>
        </g>
      )}
    </g>
  );
});
