import type { Rows } from "../../kernel/db.ts";
import type { Live } from "../../kernel/live.ts";
import type { Log } from "../../kernel/log.ts";
import type { Settings } from "../../kernel/settings.ts";
import type { UpstreamDefinition, UpstreamSource } from "../gateway.ts";

/** Live topic on which a change of the table Upstream is announced to all processes. */
export const UPSTREAMS_TOPIC = "upstreams";

/** Those of the settings, as they are registered: for every workspace, with their name as id. */
export const settingsUpstreams = (upstreams: Settings["upstreams"]): UpstreamDefinition[] =>
  upstreams.map(({ name, title, url, source, workspaceId, enabled, transport, auth, policy, pinning }) => ({
    id: name,
    name,
    title,
    url,
    source,
    workspaceId: workspaceId ?? null,
    enabled: enabled ?? true,
    transport: transport ?? { kind: "http" },
    auth: auth ?? { kind: "none" },
    policy: { privateNetwork: true, ...policy },
    pinning: pinning ?? (source === "demo" ? "off" : "first-use"),
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
        .map(({ id, name, title, url, source, workspaceId, enabled, transport, auth, policy, pinning }) => ({
          id,
          name,
          title,
          url,
          workspaceId,
          enabled,
          // written by this gateway alone, after its schemas
          source: source as UpstreamDefinition["source"],
          transport: transport as unknown as UpstreamDefinition["transport"],
          auth: auth as unknown as UpstreamDefinition["auth"],
          policy: policy as UpstreamDefinition["policy"],
          pinning: pinning as UpstreamDefinition["pinning"],
        }));
      return [...settled, ...registered];
    },
    onChange(changed) {
      const ends = [live.subscribe(UPSTREAMS_TOPIC, changed), live.onGap(changed)];
      return () => ends.forEach((end) => end());
    },
  };
}
