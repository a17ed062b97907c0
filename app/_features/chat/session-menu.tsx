"use client";

import { Menu } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { OpeningMenu } from "#app/_ui/menu/opening-menu.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { chatWords } from "./chat-words.ts";

interface SessionMenuProps {
  button: ReactElement;
  onRename: () => void;
  onDelete: () => void;
}

/** What can be done with a conversation. */
export function SessionMenu({ button, onRename, onDelete }: SessionMenuProps) {
  const words = useWords(chatWords);
  return (
    <OpeningMenu button={button} position="bottom-end">
      <Menu.Item leftSection={<IconPencil size={16} />} onClick={onRename}>
        {words.rename}
      </Menu.Item>
      <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={onDelete}>
        {words.delete} …
      </Menu.Item>
    </OpeningMenu>
  );
}
