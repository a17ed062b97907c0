import type { Run } from "#server/generated/prisma/client.ts";
import type { RunKind, RunStatus } from "./schema.ts";

// What Prisma does for its own queries: the database spells the values of its enumerations with a dash.
export const stored = (value: RunKind | RunStatus): string => value.replaceAll("_", "-");
export const spoken = (value: string): string => value.replaceAll("-", "_");

/** A row of "Run" as `pg` reads it. Its columns are those of Prisma's model. */
export type RunRow = Omit<Run, "kind" | "status"> & { kind: string; status: string };

export const runOf = (row: RunRow): Run => ({
  ...row,
  kind: spoken(row.kind) as RunKind, // a value of the database's enumeration
  status: spoken(row.status) as RunStatus, // the same
});
