import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { boxOf } from "#app/_features/inbox/boxes.ts";
import { InboxPage } from "#app/_features/inbox/inbox-page.tsx";

export const metadata: Metadata = { title: "Inbox" };

export default async function Page(props: {
  searchParams: Promise<{ box?: string | string[]; id?: string | string[] }>;
}) {
  const { box, id } = await props.searchParams;
  await pageActor(typeof id === "string" ? `/inbox?id=${encodeURIComponent(id)}` : "/inbox");
  return <InboxPage box={boxOf(box)} id={typeof id === "string" ? id : null} />;
}
