import type { Metadata } from "next";
import { PASSWORD_MAX, PASSWORD_MIN } from "#server/features/accounts/schema.ts";
import { entryProps, type SearchParams } from "../../_features/auth/entry-props.ts";
import { RegisterForm } from "../../_features/auth/register-form.tsx";

export const metadata: Metadata = { title: "Create an account" };

export default async function RegisterPage({ searchParams }: { searchParams: SearchParams }) {
  return <RegisterForm {...await entryProps(searchParams)} limits={{ min: PASSWORD_MIN, max: PASSWORD_MAX }} />;
}
