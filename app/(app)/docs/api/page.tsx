import type { Metadata } from "next";
import { container } from "#server/container.ts";
import { ApiDocs } from "../../../_features/api-docs/api-docs.tsx";
import { PublicFrame } from "../../../_features/api-docs/public-frame.tsx";
import { signInPath } from "../../../_features/auth/next-path.ts";
import { currentActor } from "../../../_features/auth/page-actor.ts";

export const metadata: Metadata = { title: "HTTP API" };

/** Open to everybody: whoever is not signed in sees it without the frame of the application. */
export default async function ApiDocsPage() {
  const docs = <ApiDocs version={container().about.version} />;
  return (await currentActor()) ? docs : <PublicFrame signInHref={signInPath("/docs/api")}>{docs}</PublicFrame>;
}
