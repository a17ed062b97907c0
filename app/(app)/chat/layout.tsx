import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ChatFrame } from "#app/_features/chat/chat-frame.tsx";

export const metadata: Metadata = { title: "Chat" };

export default function ChatLayout({ children }: { children: ReactNode }) {
  return <ChatFrame>{children}</ChatFrame>;
}
