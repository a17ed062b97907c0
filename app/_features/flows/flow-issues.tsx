"use client";

import { Button } from "@mantine/core";
import Link from "next/link";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { nodeNames } from "../flow-runs/node-names.ts";
import { flowWords } from "./flow-words.ts";
import classes from "./flows.module.css";

/** What keeps the flow from running, and what its author should know: by node, each with what to do. */
export function FlowIssues(props: { flow: FlowDetail; mayEdit: boolean; onShow: (node: string) => void }) {
  const { flow, mayEdit, onShow } = props;
  const words = useWords(flowWords);
  const { issues } = flow;
  if (issues.length === 0) return null;
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const names = nodeNames(flow.nodes);
  const ordered = issues.toSorted((a, b) => Number(b.severity === "error") - Number(a.severity === "error"));
  return (
    <div id="flow-issues" tabIndex={-1} className={classes.issueFocus}>
      <Panel
        flush
        title={words.issues}
        description={words.issueCount(errors, issues.length - errors)}
        actions={
          mayEdit && (
            <Button component={Link} href={`/editor?flow=${flow.id}`} size="compact-sm" variant="default">
              {words.fix}
            </Button>
          )
        }
      >
        <ul className={classes.issues}>
          {ordered.map(({ severity, code, node, nodeName, property, message }) => (
            <li key={`${code} ${node} ${property} ${message}`}>
              <StateBadge
                state={severity === "error" ? "fault" : "attention"}
                word={severity === "error" ? words.error : words.hint}
                variant="plain"
                size="sm"
              />
              <div>
                <strong>{node ? nodeName || names(node).name : words.wholeFlow}</strong>
                {property && <code>{property}</code>}
                <p>{message}</p>
              </div>
              {node && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  aria-label={words.showNode(nodeName || names(node).name)}
                  onClick={() => onShow(node)}
                >
                  {words.show}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}
