export { activeNames, activeServers } from "./active-servers.ts";
export { addServer } from "./add-server.ts";
export { configureServer } from "./configure-server.ts";
export { findInCatalogue } from "./find-in-catalogue.ts";
export { removeServer } from "./remove-server.ts";
