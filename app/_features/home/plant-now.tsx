"use client";

import { useQuery } from "@tanstack/react-query";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { Panel, Section } from "#app/_ui/layout/panel.tsx";
import { useFormatTag, useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { AlarmPanel } from "./alarm-panel.tsx";
import { homeWords } from "./home-words.ts";
import { OeePanel } from "./oee-panel.tsx";
import { OrderPanel } from "./order-panel.tsx";
import { StockPanel } from "./stock-panel.tsx";
import classes from "./home.module.css";

/** While the page is in sight; the plant's systems do not tell by themselves that something changed. */
const EVERY_MS = 15_000;

export function PlantNow() {
  const words = useWords(homeWords);
  const tag = useFormatTag();
  const hydrated = useHydrated();
  const plant = useQuery(
    useTRPC().plant.state.queryOptions(undefined, { refetchInterval: EVERY_MS, staleTime: 5_000 }),
  );
  const { data } = plant;
  const clock = (at: Date) =>
    new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
  return (
    <Section
      title={words.plant}
      actions={
        data &&
        hydrated && (
          <span className={classes.asOf}>
            {words.asOf} <time dateTime={data.at.toISOString()}>{clock(data.at)}</time>
          </span>
        )
      }
    >
      {plant.isError && !data ? (
        <Panel>
          <ErrorState
            error={plant.error}
            title={words.plantFailed}
            onRetry={() => void plant.refetch()}
            retrying={plant.isFetching}
          />
        </Panel>
      ) : (
        <div className={classes.plant}>
          <div className={classes.stack}>
            <OeePanel view={data?.oee} />
            <AlarmPanel view={data?.alarms} />
          </div>
          <div className={classes.stack}>
            <OrderPanel view={data?.ordersAtRisk} />
            <StockPanel view={data?.lowStock} />
          </div>
        </div>
      )}
    </Section>
  );
}
