import path from "node:path";
import { startProcess } from "./child.ts";
import { claim } from "./instance.ts";
import { openPartLog } from "./part-log.ts";

// A process of its own that does what the launcher does, so that tests can kill it: it claims a folder and runs a part.
const folder = process.argv[2] ?? "";
const claimed = await claim(folder, "instance");
if (!("heldBy" in claimed)) claimed.announce("http://localhost:1234");
const log = openPartLog(path.join(folder, "part.log"), () => undefined);
const file = path.join(import.meta.dirname, "test-part.ts");
const part = await startProcess({ name: "part", file, config: {}, readyDeadlineMs: 20_000 }, log);
console.log(`part ${part.pid}`);
