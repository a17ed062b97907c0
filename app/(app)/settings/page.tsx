import type { Metadata } from "next";
import { PASSWORD_MAX, PASSWORD_MIN } from "#server/features/accounts/schema.ts";
import { pageActor } from "../../_features/auth/page-actor.ts";
import { Profile } from "../../_features/settings/profile.tsx";

export const metadata: Metadata = { title: "Profile" };

export default async function ProfilePage() {
  const { name, email } = await pageActor("/settings");
  return <Profile name={name} email={email} limits={{ min: PASSWORD_MIN, max: PASSWORD_MAX }} />;
}
