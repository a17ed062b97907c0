import type { Metadata } from "next";
import { entryProps, type SearchParams } from "../../_features/auth/entry-props.ts";
import { SignInForm } from "../../_features/auth/sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  return <SignInForm {...await entryProps(searchParams)} />;
}
