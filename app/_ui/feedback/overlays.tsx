"use client";

import { Notifications } from "@mantine/notifications";

/** Where `notifications.show` appears; loaded after the page. */
export function Overlays() {
  return <Notifications position="bottom-right" limit={4} autoClose={6000} transitionDuration={150} />;
}
