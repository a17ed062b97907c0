import type { CatalogueEntry } from "./entry.ts";
import { FACTORY_SERVERS } from "./factory-servers.ts";
import { INDUSTRIAL_SERVERS } from "./industrial-servers.ts";
import { OFFICE_SERVERS } from "./office-servers.ts";
import { REFERENCE_SERVERS } from "./reference-servers.ts";

/**
 * All that is built in. Addresses, commands and names of variables are those that the servers' makers document; nothing
 * is fetched or started before somebody activates it.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...FACTORY_SERVERS,
  ...INDUSTRIAL_SERVERS,
  ...OFFICE_SERVERS,
  ...REFERENCE_SERVERS,
];
