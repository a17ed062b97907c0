"use client";

import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconInbox, IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Chart } from "../chart/chart.tsx";
import { CodeBlock } from "../copy/code-block.tsx";
import { ShortId } from "../copy/short-id.tsx";
import { KeyValue } from "../data/key-value.tsx";
import { StatNumber, StatRow } from "../data/stat-number.tsx";
import { EmptyState } from "../feedback/empty-state.tsx";
import { JsonView } from "../json/json-view.tsx";
import { PageFrame } from "../layout/page-frame.tsx";
import { PageHeader } from "../layout/page-header.tsx";
import { Panel, Section } from "../layout/panel.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import type { Connection } from "../shell/types.ts";
import { StateBadge } from "../state/state-badge.tsx";
import { STATES } from "../state/states.ts";
import { AutoTable } from "../table/auto-table.tsx";
import type { Column } from "../table/columns.ts";
import { DataTable } from "../table/data-table.tsx";
import { Duration } from "../time/duration.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { Timeline } from "../timeline/timeline.tsx";
import { FeedbackSamples } from "./feedback-samples.tsx";
import { FormSamples } from "./form-samples.tsx";
import { GalleryFrame } from "./gallery-frame.tsx";
import { answer, energy, oee, orders, sampleRows, sampleSteps, toolResult, type SampleRow } from "./sample-data.ts";
import classes from "./gallery.module.css";

const columns: Column<SampleRow>[] = [
  { id: "name", header: "Name", value: (row) => row.name },
  {
    id: "state",
    header: "State",
    width: "9rem",
    value: (row) => row.state,
    render: (row) => <StateBadge state={row.state} variant="plain" />,
  },
  {
    id: "started",
    header: "Started",
    width: "8rem",
    value: (row) => row.startedAt,
    firstDirection: "desc",
  },
  {
    id: "took",
    header: "Took",
    width: "7rem",
    align: "right",
    from: "sm",
    value: (row) => row.ms,
    render: (row) => (row.ms === null ? <Duration from={row.startedAt} /> : <Duration ms={row.ms} />),
  },
  { id: "by", header: "By", width: "10rem", from: "md", value: (row) => row.by },
  {
    id: "id",
    header: "Id",
    width: "7rem",
    from: "md",
    value: (row) => row.id,
    render: (row) => <ShortId id={row.id} />,
  },
  { id: "tokens", header: "Tokens", width: "7rem", align: "right", optional: true, value: (row) => row.tokens },
];

/** Every building block in every state, for those who build pages and for the accessibility check. */
export function Gallery({ now }: { now: number }) {
  const [connection, setConnection] = useState<Connection>("online");
  const [step, setStep] = useState<string | null>("d");
  const [hovered, setHovered] = useState<string | null>(null);
  const [shown, setShown] = useState(12);
  const rows = sampleRows(40, now);
  return (
    <GalleryFrame connection={connection}>
      <PageFrame>
        <PageHeader
          breadcrumbs={[{ href: "/dev/ui", label: "Development" }]}
          title="Building blocks"
          aside={<StateBadge state="running" word="Running 00:12" />}
          description="Everything that pages are made of, in each of its states. Change the scheme and the language in the account menu."
          actions={
            <>
              <SegmentedControl
                size="xs"
                aria-label="Connection"
                value={connection}
                onChange={(value) => setConnection(value === "offline" || value === "reconnecting" ? value : "online")}
                data={["online", "reconnecting", "offline"]}
              />
              <Button variant="default">Second</Button>
              <Button leftSection={<IconPlus size={16} />}>First act</Button>
            </>
          }
        />

        <StatRow>
          <StatNumber label="Approvals" value="2" state="waiting" href="/dev/ui" detail="oldest 12 min" />
          <StatNumber label="Failed runs" value="1" state="fault" href="/dev/ui" detail="in the last 24 h" />
          <StatNumber label="OEE" value="82.4" unit="%" detail="target 85 %" state="attention" />
          <StatNumber label="Tokens today" value="128,204" detail="12 % of the month" />
          <StatNumber label="Energy" value="1,204" unit="kWh" detail="since 06:00" />
        </StatRow>

        <Section title="States">
          <div className={classes.wrap}>
            {STATES.map((state) => (
              <StateBadge key={state} state={state} />
            ))}
            {STATES.map((state) => (
              <StateBadge key={state} state={state} variant="plain" size="sm" />
            ))}
          </div>
          <div className={classes.wrap}>
            <Button>Filled</Button>
            <Button variant="default">Default</Button>
            <Button variant="light">Light</Button>
            <Button variant="outline">Outline</Button>
            <Button variant="subtle">Subtle</Button>
            <Button color="fault">Delete</Button>
            <Button variant="light" color="attention">
              Attention
            </Button>
            <Button disabled>Disabled</Button>
            <Button loading>Loading</Button>
            <span className={classes.plain}>
              <RelativeTime at={now - 190_000} /> · <RelativeTime at={now + 7_300_000} /> ·{" "}
              <RelativeTime at={now - 40 * 86_400_000} /> · <Duration ms={182} /> · <Duration from={now - 12_000} />
            </span>
          </div>
        </Section>

        <div className={classes.two}>
          <Panel>
            <Chart
              kind="bar"
              label="OEE by machine"
              data={oee}
              x="machine"
              series={[{ key: "oee_percent" }]}
              target={{ value: 85, label: "Target 85 %" }}
            />
          </Panel>
          <Panel>
            <Chart
              kind="line"
              label="Energy today"
              data={energy}
              x="hour"
              series={[{ key: "press_kwh" }, { key: "oven_kwh" }, { key: "paint_kwh" }, { key: "compressor_kwh" }]}
            />
          </Panel>
          <Panel>
            <Chart
              kind="bar"
              label="Where OEE is lost"
              data={oee}
              x="machine"
              series={[{ key: "availability_percent" }, { key: "performance_percent" }, { key: "quality_percent" }]}
            />
          </Panel>
          <Panel
            title="Orders at risk"
            flush
            actions={
              <Button variant="subtle" size="compact-sm">
                All orders
              </Button>
            }
          >
            <AutoTable rows={orders} label="Orders at risk" name="orders" bare />
          </Panel>
        </div>

        <DataTable
          name="gallery"
          label="Sample runs"
          columns={columns}
          rows={rows.slice(0, shown)}
          rowKey={(row) => row.id}
          href={(row) => `/dev/ui?row=${row.id}`}
          defaultSort={{ by: "started", dir: "desc" }}
          toolbar={
            <TextInput placeholder="Search" aria-label="Search" leftSection={<IconSearch size={16} />} w={220} />
          }
          renderBulk={(keys) => <Button variant="default">Cancel {keys.length}</Button>}
          hasMore={shown < rows.length}
          onMore={() => setShown(shown + 12)}
          maxHeight="26rem"
          mainTable
        />

        <div className={classes.two}>
          <DataTable
            name="g1"
            label="Loading rows"
            columns={columns}
            rows={undefined}
            rowKey={() => ""}
            skeletonRows={4}
          />
          <DataTable
            name="g2"
            label="No rows"
            columns={columns}
            rows={[]}
            rowKey={() => ""}
            empty={
              <EmptyState icon={<IconInbox />} title="No runs yet" action={<Button>Run a flow</Button>}>
                A run appears here as soon as a flow, an agent or a chat works.
              </EmptyState>
            }
          />
          <DataTable
            name="g3"
            label="Failed rows"
            columns={columns}
            rows={undefined}
            rowKey={() => ""}
            error={{ detail: "The database cannot be reached at the moment.", status: 503, requestId: "req_01JABC7" }}
            onRetry={() => undefined}
          />
          <Panel title="Timeline">
            <Timeline
              label="Steps of the run"
              steps={sampleSteps(now)}
              selected={step}
              onSelect={setStep}
              hovered={hovered}
              onHover={setHovered}
            />
          </Panel>
        </div>

        <div className={classes.two}>
          <Panel title="Markdown">
            <Markdown>{answer}</Markdown>
          </Panel>
          <div className={classes.stack}>
            <Panel title="Data">
              <JsonView value={toolResult} />
            </Panel>
            <Panel title="Code">
              <CodeBlock
                title="Terminal"
                code={
                  'curl -N https://gateway.plant.example/v1/runs/019a2b3c/events \\\n  -H "Authorization: Bearer osf_…"'
                }
              />
            </Panel>
            <Panel title="Pairs" footer="Changed 3 min ago">
              <KeyValue
                items={[
                  { label: "Status", value: <StateBadge state="ok" variant="plain" /> },
                  { label: "Started by", value: "Ana Kovač" },
                  { label: "Run", value: <ShortId id={rows[0]?.id ?? ""} /> },
                  { label: "Left out", value: null },
                ]}
              />
            </Panel>
          </div>
        </div>

        <FeedbackSamples />
        <FormSamples />
      </PageFrame>
    </GalleryFrame>
  );
}
