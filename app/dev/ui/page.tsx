import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Gallery } from "../../_ui/gallery/gallery.tsx";
import { requestInstant } from "../../_ui/words/request.ts";

export const metadata: Metadata = { title: "Building blocks" };

/** Only for those who develop; a built program does not have this page. */
export default function GalleryPage() {
  if (process.env.NODE_ENV === "production") notFound();
  return <Gallery now={requestInstant()} />;
}
