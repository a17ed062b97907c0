import type { Rows } from "../../kernel/db.ts";
import type { Live } from "../../kernel/live.ts";
import type { Log } from "../../kernel/log.ts";
import type { Settings } from "../../kernel/settings.ts";
import type { UpstreamDefinition, UpstreamSource } from "../gateway.ts";

/** Live topic on which a change of the table Upstream is announced to all processes. */
export const UPSTREAMS_TOPIC = "upstreams";

/** Those of the settings, as they are registered: for every workspace, with their name as id. */
export const settingsUpstreams = (upstreams: Settings["upstreams"]): UpstreamDefinition[] =>
  upstreams.map(({ name, title, url, source }) => ({
    id: name,
    name,
    title,
    url,
    source,
    workspaceId: null,
    enabled: true,
  }));

interface Options {
  fixed: Settings["upstreams"];
  rows: Pick<Rows, "upstream">;
  live: Pick<Live, "subscribe" | "onGap">;
  log: Log;
}

/** Upstreams of the settings and of the table. A name in the settings hides a row of the same name. */
export function createUpstreamSource({ fixed, rows, live, log }: Options): UpstreamSource {
  const settled = settingsUpstreams(fixed);
  const taken = new Set(settled.map(({ name }) => name));
  return {
    async load() {
      const found = await rows.upstream.findMany({ orderBy: { name: "asc" } });
      const hidden = found.filter(({ name }) => taken.has(name)).map(({ name }) => name);
      if (hidden.length) log.warn({ hidden }, "registered upstreams are hidden by upstreams of the settings");
      const registered = found
        .filter(({ name }) => !taken.has(name))
        .map(({ id, name, title, url, workspaceId, enabled }) => ({
          id,
          name,
          title,
          url,
          source: "admin" as const,
          workspaceId,
          enabled,
        }));
      return [...settled, ...registered];
    },
    onChange(changed) {
      const ends = [live.subscribe(UPSTREAMS_TOPIC, changed), live.onGap(changed)];
      return () => ends.forEach((end) => end());
    },
  };
}
