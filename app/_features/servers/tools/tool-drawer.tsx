"use client";

import { Drawer, Tabs } from "@mantine/core";
import { useState } from "react";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { PlainText } from "#app/_ui/text/plain-text.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolView } from "#server/features/upstreams/schema.ts";
import { ToolRules } from "../../tool-review/tool-rules.tsx";
import type { ServersViewer } from "../servers-viewer.ts";
import { serversWords } from "../servers-words.ts";
import { ToolClass } from "./tool-class.tsx";
import { TryTool } from "./try-tool.tsx";
import classes from "../servers.module.css";

/** A tool: what it does, what it takes and gives, and a try by those who may call it. */
export function ToolDrawer(props: { tool: ToolView | null; onClose: () => void; viewer: ServersViewer }) {
  const { tool, onClose, viewer } = props;
  // the words stay while it slides out
  const [shown, setShown] = useState(tool);
  if (tool && tool !== shown) setShown(tool);
  return (
    <Drawer opened={tool !== null} onClose={onClose} position="right" size="min(44rem, 100vw)" title={shown?.title}>
      {shown && <ToolDetails key={shown.name} tool={shown} viewer={viewer} />}
    </Drawer>
  );
}

function ToolDetails({ tool, viewer }: { tool: ToolView; viewer: ServersViewer }) {
  const words = useWords(serversWords);
  const mayCall = tool.class === "read" || viewer.callsWrites;
  return (
    <>
      <div className={classes.toolHead}>
        <code>{tool.name}</code>
        <p>
          <PlainText>{tool.description}</PlainText>
        </p>
        <div className={classes.flags}>
          <ToolClass of={tool.class} />
          <span>{tool.repeatable ? words.repeatable : words.notRepeatable}</span>
        </div>
      </div>
      <Tabs defaultValue={mayCall ? "try" : "input"} keepMounted={false}>
        <Tabs.List mb="md">
          {mayCall && <Tabs.Tab value="try">{words.try}</Tabs.Tab>}
          <Tabs.Tab value="input">{words.inputSchema}</Tabs.Tab>
          {tool.outputSchema && <Tabs.Tab value="output">{words.outputSchema}</Tabs.Tab>}
          {viewer.reviews && <Tabs.Tab value="rules">{words.rules}</Tabs.Tab>}
        </Tabs.List>
        {mayCall && (
          <Tabs.Panel value="try">
            <TryTool tool={tool} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="input">
          {!mayCall && (
            <p className={classes.note}>
              {words.classHint[tool.class]} {words.tryNot}
            </p>
          )}
          <JsonView value={tool.inputSchema} depth={3} maxHeight="60vh" />
        </Tabs.Panel>
        {tool.outputSchema && (
          <Tabs.Panel value="output">
            <JsonView value={tool.outputSchema} depth={3} maxHeight="60vh" />
          </Tabs.Panel>
        )}
        {viewer.reviews && (
          <Tabs.Panel value="rules">
            <ToolRules id={tool.server} tool={tool.name.slice(tool.server.length + 1)} />
          </Tabs.Panel>
        )}
      </Tabs>
    </>
  );
}
