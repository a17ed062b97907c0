"use client";

import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";

/** Where `modals.open…` and `notifications.show` appear; loaded after the page. */
export function Overlays() {
  return (
    <>
      <ModalsProvider>{null}</ModalsProvider>
      <Notifications position="bottom-right" limit={4} autoClose={6000} transitionDuration={150} />
    </>
  );
}
