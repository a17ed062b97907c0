"use client";

import dynamic from "next/dynamic";
import { usePathname } from "next/navigation";
import { createContext, use, useCallback, useState, type ReactNode } from "react";
import { FullFrame } from "#app/_ui/layout/page-frame.tsx";
import { SessionList } from "./session-list.tsx";
import classes from "./chat-frame.module.css";

const SessionDrawer = dynamic(() => import("./session-drawer.tsx").then((module) => module.SessionDrawer), {
  ssr: false,
});

const OpenSessions = createContext<() => void>(() => undefined);

/** Opens the list of chats where there is no room for it beside the conversation. */
export const useOpenSessions = () => use(OpenSessions);

/** The list of chats and beside it the conversation; the list stays while one goes from chat to chat. */
export function ChatFrame({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  // it belongs to the chat it was opened on: choosing another closes it
  const [openOn, setOpenOn] = useState<string | null>(null);
  // loaded with its first use, and kept so that it can slide out
  const [used, setUsed] = useState(false);
  const openHere = useCallback(() => {
    setUsed(true);
    setOpenOn(pathname);
  }, [pathname]);
  const current = pathname.startsWith("/chat/") ? decodeURIComponent(pathname.slice("/chat/".length)) : null;
  return (
    <FullFrame>
      <div className={classes.frame}>
        <div className={classes.sessions}>
          <SessionList current={current} />
        </div>
        <OpenSessions value={openHere}>{children}</OpenSessions>
      </div>
      {used && <SessionDrawer opened={openOn === pathname} onClose={() => setOpenOn(null)} current={current} />}
    </FullFrame>
  );
}
