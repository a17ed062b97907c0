"use client";

import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { curlFor } from "./curl-for.ts";
import { flowWords } from "./flow-words.ts";
import classes from "./flows.module.css";

/** Commands that start the flow, to copy. */
export function FlowEndpoints({ flow }: { flow: FlowDetail }) {
  const words = useWords(flowWords);
  return (
    <Panel title={words.endpoints} description={words.endpointsHint}>
      <div className={classes.form}>
        {flow.endpoints.map(({ method, path, url }) => (
          <CodeBlock
            key={`${method} ${path}`}
            title={words.byHttp(method, path)}
            code={curlFor({ method, url })}
            wrap
          />
        ))}
        <CodeBlock
          title={words.byApi}
          code={curlFor({
            method: "POST",
            url: `${window.location.origin}/api/workflows/${flow.id}/run`,
            body: { input: {} },
          })}
          wrap
        />
      </div>
    </Panel>
  );
}
