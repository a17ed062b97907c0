"use client";

import { Drawer } from "@mantine/core";
import { usePathname } from "next/navigation";
import { createContext, use, useCallback, useState, type ReactNode } from "react";
import { FullFrame } from "#app/_ui/layout/page-frame.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { chatWords } from "./chat-words.ts";
import { SessionList } from "./session-list.tsx";
import classes from "./chat-frame.module.css";

const OpenSessions = createContext<() => void>(() => undefined);

/** Opens the list of chats where there is no room for it beside the conversation. */
export const useOpenSessions = () => use(OpenSessions);

/** The list of chats and beside it the conversation; the list stays while one goes from chat to chat. */
export function ChatFrame({ children }: { children: ReactNode }) {
  const words = useWords(chatWords);
  const pathname = usePathname();
  // it belongs to the chat it was opened on: choosing another closes it
  const [openOn, setOpenOn] = useState<string | null>(null);
  const openHere = useCallback(() => setOpenOn(pathname), [pathname]);
  const current = pathname.startsWith("/chat/") ? decodeURIComponent(pathname.slice("/chat/".length)) : null;
  return (
    <FullFrame>
      <div className={classes.frame}>
        <div className={classes.sessions}>
          <SessionList current={current} />
        </div>
        <OpenSessions value={openHere}>{children}</OpenSessions>
      </div>
      <Drawer
        opened={openOn === pathname}
        onClose={() => setOpenOn(null)}
        title={words.chats}
        size={320}
        padding={0}
        classNames={{ header: classes.drawerHead, body: classes.drawerBody }}
      >
        <SessionList current={current} />
      </Drawer>
    </FullFrame>
  );
}
