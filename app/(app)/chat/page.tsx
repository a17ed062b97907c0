import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ChatView } from "#app/_features/chat/chat-view.tsx";

export default async function NewChatPage() {
  await pageActor("/chat");
  return <ChatView id={null} />;
}
