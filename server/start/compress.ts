import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const COMPRESSIBLE = /\.(js|css|svg|json)$/;
/** Below this a packet is not saved. */
const LEAST_BYTES = 1024;
const brotli = promisify(brotliCompress);

/**
 * Writes `<file>.br`, as small as brotli can, beside each script, style, drawing and table of a folder: once here instead
 * of with every request, where there would be no time for it. The web server answers with them (edge/static-assets.ts).
 */
export async function compressFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  // all at once: the compressor's own threads take them in turn
  await Promise.all(files.map(compressFile));
}

async function compressFile(file: string): Promise<void> {
  const content = await readFile(file);
  const compressed =
    content.length < LEAST_BYTES
      ? content
      : await brotli(content, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
            [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
          },
        });
  if (compressed.length < content.length) await writeFile(`${file}.br`, compressed);
  else await rm(`${file}.br`, { force: true });
}
