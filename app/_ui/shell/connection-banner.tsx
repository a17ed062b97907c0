"use client";

import { IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { Connection } from "./types.ts";
import classes from "./shell.module.css";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

/** What the browser knows of the network joined with what the live connection reports. */
export function useConnection(reported: Connection = "online"): Connection {
  const network = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
  return network ? reported : "offline";
}

/** Says what still holds while the connection is away; takes no space while it is there. */
export function ConnectionBanner({ connection }: { connection?: Connection }) {
  const words = useWords(shellWords);
  const now = useConnection(connection);
  return (
    <div role="status" className={classes.connection} data-connection={now}>
      {now !== "online" && (
        <p>
          {now === "offline" ? (
            <IconCloudOff size={16} aria-hidden="true" />
          ) : (
            <IconRefresh size={16} aria-hidden="true" />
          )}
          <strong>{now === "offline" ? words.offline : words.reconnecting}</strong>{" "}
          <span>{now === "offline" ? words.offlineDetail : words.reconnectingDetail}</span>
        </p>
      )}
    </div>
  );
}
