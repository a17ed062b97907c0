import type { Metadata } from "next";
import { MissingPage } from "./_ui/feedback/missing-page.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return <MissingPage />;
}
