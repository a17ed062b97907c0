"use client";

import dynamic from "next/dynamic";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";

const loading = () => (
  <PageFrame>
    <ListSkeleton rows={6} />
  </PageFrame>
);

// tables, forms and trees of schemas: after the frame of the page
export const LazyServersPage = dynamic(() => import("./servers-page.tsx").then((module) => module.ServersPage), {
  ssr: false,
  loading,
});
export const LazyServerPage = dynamic(() => import("./server-page.tsx").then((module) => module.ServerPage), {
  ssr: false,
  loading,
});
