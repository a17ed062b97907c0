import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { openAdapter } from "./adapter.mjs";

/** Starts Prisma's schema engine. `datamodels`: pairs of file name and content. */
export async function startEngine({ url, datamodels, onLog }) {
  const folder = path.dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const name = "schema_engine_bg";
  const glue = await import(pathToFileURL(path.join(folder, `${name}.js`)).href);
  const code = await readFile(path.join(folder, `${name}.wasm`));
  const { instance } = await WebAssembly.instantiate(code, { [`./${name}.js`]: glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine.new(datamodels ? { datamodels } : {}, onLog, await openAdapter(url));
}
