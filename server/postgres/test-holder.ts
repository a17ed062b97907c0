import { ensureDatabase, startCluster } from "./cluster.ts";

// A process of its own that holds a cluster, so that tests can kill it.
const cluster = await startCluster({ folder: process.argv[2] ?? "", durable: false });
await ensureDatabase(cluster, "held");
console.log(cluster.url("held"));
setInterval(() => undefined, 1_000);
