"use client";

import { IconTruckDelivery } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { PlantState } from "#server/features/plant/schema.ts";
import { homeWords } from "./home-words.ts";
import { ViewPanel } from "./view-panel.tsx";

// tables weigh as much as the rest of the page: they come with their rows
const OrderTable = dynamic(() => import("./order-table.tsx").then((module) => module.OrderTable), {
  ssr: false,
  loading: () => <ListSkeleton />,
});

export function OrderPanel({ view }: { view: PlantState["ordersAtRisk"] | undefined }) {
  const words = useWords(homeWords);
  return (
    <ViewPanel
      title={words.orders}
      view={view}
      question={words.ordersAsk}
      none={<EmptyState icon={<IconTruckDelivery />} title={words.noOrders} />}
    >
      {(rows) => <OrderTable rows={rows} />}
    </ViewPanel>
  );
}
