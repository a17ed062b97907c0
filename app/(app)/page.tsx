import type { Metadata } from "next";
import { pageActor } from "../_features/auth/page-actor.ts";
import { Home } from "../_features/home/home.tsx";

export const metadata: Metadata = { title: "Home" };

export default async function HomePage() {
  const { userId, name } = await pageActor("/");
  return <Home userId={userId} name={name} />;
}
