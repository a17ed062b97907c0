"use client";

import { Menu } from "@mantine/core";
import { IconBraces, IconPlayerPlay } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { OpeningMenu } from "#app/_ui/menu/opening-menu.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowStart } from "#server/features/flows/schema.ts";
import { flowWords } from "./flow-words.ts";

interface RunMenuProps {
  starts: FlowStart[];
  onStart: (start: FlowStart) => void;
  onInput: () => void;
}

/** Where else a run can begin, and with what. */
export function RunMenu(props: RunMenuProps & { button: ReactElement }) {
  const words = useWords(flowWords);
  return (
    <OpeningMenu button={props.button} position="bottom-end" width={280}>
      {props.starts.map((start) => (
        <Menu.Item key={start.node} leftSection={<IconPlayerPlay size={16} />} onClick={() => props.onStart(start)}>
          {words.runFrom(start.label)}
        </Menu.Item>
      ))}
      {props.starts.length > 0 && <Menu.Divider />}
      <Menu.Item leftSection={<IconBraces size={16} />} onClick={props.onInput}>
        {words.runWithInput}
      </Menu.Item>
    </OpeningMenu>
  );
}
