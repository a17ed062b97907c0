"use client";

import { Alert, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ForbiddenState, MissingState, OfflineState } from "../feedback/access-states.tsx";
import { ErrorState } from "../feedback/error-state.tsx";
import { BlockSkeleton, ListSkeleton, StatSkeleton, TextSkeleton } from "../feedback/skeletons.tsx";
import { Panel, Section } from "../layout/panel.tsx";
import { StateIcon } from "../state/state-icon.tsx";
import classes from "./gallery.module.css";

export function FeedbackSamples() {
  return (
    <Section title="In place of content">
      <div className={classes.three}>
        <Panel>
          <ErrorState
            error={{ detail: "The WMS did not answer within 30 s.", requestId: "req_01JABC7", retryAfter: 5 }}
            title="Run failed at Check stock"
            consequence="Nothing was booked."
            onRetry={() => undefined}
          />
        </Panel>
        <Panel>
          <ErrorState error={new TypeError("Failed to fetch")} onRetry={() => undefined} />
        </Panel>
        <Panel>
          <ForbiddenState size="compact" />
        </Panel>
        <Panel>
          <MissingState size="compact" />
        </Panel>
        <Panel>
          <OfflineState />
        </Panel>
        <Panel>
          <Alert color="attention" icon={<StateIcon state="attention" />} title="The pool is full">
            The next pod starts when a seat is released.
          </Alert>
          <Button
            mt="md"
            variant="default"
            onClick={() => notifications.show({ title: "Flow published", message: "Version 7 is live.", color: "ok" })}
          >
            Show a notification
          </Button>
        </Panel>
        <Panel title="Text">
          <TextSkeleton lines={4} />
        </Panel>
        <Panel title="List" flush>
          <ListSkeleton rows={4} />
        </Panel>
        <Panel title="Block and figures">
          <StatSkeleton count={3} />
          <BlockSkeleton height={90} />
        </Panel>
      </div>
    </Section>
  );
}
