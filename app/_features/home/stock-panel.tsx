"use client";

import { IconPackage } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { PlantState } from "#server/features/plant/schema.ts";
import { homeWords } from "./home-words.ts";
import { ViewPanel } from "./view-panel.tsx";

const StockTable = dynamic(() => import("./stock-table.tsx").then((module) => module.StockTable), {
  ssr: false,
  loading: () => <ListSkeleton />,
});

export function StockPanel({ view }: { view: PlantState["lowStock"] | undefined }) {
  const words = useWords(homeWords);
  return (
    <ViewPanel
      title={words.stock}
      view={view}
      question={words.stockAsk}
      none={<EmptyState icon={<IconPackage />} title={words.noStock} />}
    >
      {(rows) => <StockTable rows={rows} />}
    </ViewPanel>
  );
}
