"use client";

import dynamic from "next/dynamic";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";

/** The table comes with its rows, after the page. */
export const LazyRunList = dynamic(() => import("./run-list.tsx").then((module) => module.RunList), {
  ssr: false,
  loading: () => <ListSkeleton rows={10} />,
});
