"use client";

import dynamic from "next/dynamic";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";

const Waiting = () => (
  <PageFrame>
    <ListSkeleton rows={6} />
  </PageFrame>
);

// tables, forms and trees of schemas: after the frame of the page
export const LazyPodsPage = dynamic(() => import("./pods-page.tsx").then((module) => module.PodsPage), {
  ssr: false,
  loading: Waiting,
});
