"use client";

import { Drawer } from "@mantine/core";
import { useWords } from "#app/_ui/words/locale.tsx";
import { chatWords } from "./chat-words.ts";
import { SessionList } from "./session-list.tsx";
import classes from "./chat-frame.module.css";

/** The list of chats where it does not fit beside the conversation. */
export function SessionDrawer(props: { opened: boolean; onClose: () => void; current: string | null }) {
  const words = useWords(chatWords);
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={words.chats}
      size={320}
      padding={0}
      classNames={{ header: classes.drawerHead, body: classes.drawerBody }}
    >
      <SessionList current={props.current} />
    </Drawer>
  );
}
