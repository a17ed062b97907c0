"use client";

import { ActionIcon, Button } from "@mantine/core";
import { IconChevronRight, IconSitemap, IconTable } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useMemo, useState, type CSSProperties } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { DrawnNode } from "./drawing.ts";
import { drawingRatio } from "./drawing-bounds.ts";
import { GraphTable } from "./graph-table.tsx";
import { graphWords } from "./graph-words.ts";
import { NO_MARKS, type Marks } from "./marks.ts";
import type { FlowPlace } from "./use-flow-place.ts";
import classes from "./graph.module.css";

const FlowCanvas = dynamic(() => import("./flow-canvas.tsx").then((module) => module.FlowCanvas), {
  ssr: false,
  loading: () => <BlockSkeleton height="100%" />,
});

export interface FlowGraphProps {
  place: FlowPlace;
  marks?: Marks;
  issues?: ReadonlyMap<string, "error" | "hint">;
  selected?: string | null;
  onSelect?: (node: DrawnNode | null) => void;
  /** Id of the node that is pointed at elsewhere. */
  hovered?: string | null;
  onHover?: (node: DrawnNode | null) => void;
  /** As high as the drawing needs, within bounds; without it as high as what is around it. */
  fits?: boolean;
}

/** A flow as the editor draws it, to look at: nodes with what a run did at them; or the same as a table. */
export function FlowGraph(props: FlowGraphProps) {
  const { place, marks = NO_MARKS, issues, selected = null, onSelect, hovered = null, onHover, fits = false } = props;
  const words = useWords(graphWords);
  const [asTable, setAsTable] = useState(false);
  const { drawing, crumbs, tabs } = place;
  const Icon = asTable ? IconSitemap : IconTable;
  const other = asTable ? words.asGraph : words.asTable;
  const style = useMemo(() => ({ "--ratio": drawingRatio(drawing) }) as CSSProperties, [drawing]); // a property of our own
  const toggle = (
    <Tooltip label={other}>
      <ActionIcon aria-label={other} onClick={() => setAsTable(!asTable)}>
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
  const withBar = asTable || tabs.length > 0 || crumbs.length > 1;
  return (
    <div className={classes.whole} data-fits={fits || undefined} style={style}>
      {withBar && (
        <div className={classes.bar}>
          {tabs.length > 0 && (
            <div className={classes.tabs} role="group" aria-label={words.tabs}>
              {tabs.map(({ id, label, current, open }) => (
                <Button
                  key={id}
                  size="compact-sm"
                  variant={current ? "light" : "subtle"}
                  color={current ? "petrol" : "gray"}
                  aria-pressed={current}
                  onClick={open}
                >
                  {label}
                </Button>
              ))}
            </div>
          )}
          {crumbs.length > 1 && (
            <nav aria-label={words.within}>
              <ol className={classes.crumbs}>
                {crumbs.map(({ id, label, leave }, depth) => (
                  <li key={id}>
                    {depth === crumbs.length - 1 ? (
                      <strong aria-current="location">{label}</strong>
                    ) : (
                      <>
                        <button type="button" onClick={leave}>
                          {label}
                        </button>
                        <IconChevronRight size={14} aria-hidden="true" />
                      </>
                    )}
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <span className={classes.gap} />
          {toggle}
        </div>
      )}
      {drawing.nodes.length === 0 ? (
        <EmptyState icon={<IconSitemap />} title={words.empty}>
          <p>{words.emptyHint}</p>
        </EmptyState>
      ) : asTable ? (
        <GraphTable drawing={drawing} marks={marks} selected={selected} onSelect={onSelect} onOpen={place.open} />
      ) : (
        <div className={classes.frame}>
          {!withBar && <div className={classes.toggle}>{toggle}</div>}
          <FlowCanvas
            drawing={drawing}
            label={words.graph}
            marks={marks}
            {...(issues ? { issues } : {})}
            selected={selected}
            {...(onSelect ? { onSelect } : {})}
            onOpen={place.open}
            hovered={hovered}
            {...(onHover ? { onHover } : {})}
          />
        </div>
      )}
    </div>
  );
}
