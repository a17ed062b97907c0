import { readdirSync } from "node:fs";
import path from "node:path";

/** `npm run bench -- NAME [rounds]`: measures on this machine; what counts are the ratios of alternating rounds. */
const benches = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.slice(0, -".bench.ts".length));
const [name = "", rounds] = process.argv.slice(2);
if (!benches.includes(name)) {
  console.error(`Usage: npm run bench -- NAME [rounds]. There is: ${benches.join(", ")}`);
  process.exit(2);
}
const { bench } = (await import(path.join(import.meta.dirname, `${name}.bench.ts`))) as {
  bench(rounds?: number): Promise<void>;
};
await bench(rounds === undefined ? undefined : Number(rounds));
process.exit(0);
