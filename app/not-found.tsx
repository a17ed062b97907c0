import type { Metadata } from "next";
import { MissingState } from "./_ui/feedback/access-states.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main>
      <MissingState />
    </main>
  );
}
