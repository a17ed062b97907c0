import type { Metadata } from "next";
import { ConnectFailed } from "#app/_features/oauth/connect-failed.tsx";

export const metadata: Metadata = { title: "The app was not connected" };

const CODE = /^[a-z][a-z._]{0,39}$/;

export default async function OAuthErrorPage({
  searchParams,
}: {
  searchParams: Promise<{ code?: string | string[] }>;
}) {
  const { code } = await searchParams;
  return <ConnectFailed code={typeof code === "string" && CODE.test(code) ? code : "unknown"} />;
}
