"use client";

import dynamic from "next/dynamic";
import { TextSkeleton } from "../feedback/skeletons.tsx";

/** `Markdown` that loads its parser (about 45 kB) with the first text: for pages where texts are an aside. */
export const LazyMarkdown = dynamic(() => import("./markdown.tsx").then((module) => module.Markdown), {
  loading: () => <TextSkeleton lines={3} />,
});
