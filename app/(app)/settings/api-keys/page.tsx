import type { Metadata } from "next";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { pageActor } from "../../../_features/auth/page-actor.ts";
import { ApiKeys } from "../../../_features/settings/api-keys.tsx";

export const metadata: Metadata = { title: "API keys" };

export default async function ApiKeysPage() {
  await pageActor("/settings/api-keys");
  return (
    <NuqsAdapter>
      <ApiKeys />
    </NuqsAdapter>
  );
}
