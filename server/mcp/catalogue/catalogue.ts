import type { CatalogueEntry } from "./entry.ts";

/** All that is built in. */
export const CATALOGUE: readonly CatalogueEntry[] = [];
