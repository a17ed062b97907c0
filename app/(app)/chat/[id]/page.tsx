import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ChatView } from "#app/_features/chat/chat-view.tsx";

export default async function ChatPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  await pageActor(`/chat/${encodeURIComponent(id)}`);
  return <ChatView key={id} id={id} />;
}
