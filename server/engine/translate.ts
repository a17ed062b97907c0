import { readFileSync } from "node:fs";
import path from "node:path";

export type Translate = (key: string, values?: Record<string, unknown>) => string;

type Catalogue = { [key: string]: string | Catalogue };

/** Catalogues of messages in Node-RED's form (i18next 3), in English, by namespace. */
export class Catalogues {
  readonly #byNamespace = new Map<string, Catalogue>();

  /** `folder` holds `en-US/<file>`; without it keys stand for themselves. */
  load(namespace: string, folder: string, file: string): void {
    let text: string;
    try {
      text = readFileSync(path.join(folder, "en-US", file), "utf8");
    } catch {
      return; // a package without catalogue
    }
    this.#byNamespace.set(namespace, JSON.parse(text.replace(/^\uFEFF/, "")) as Catalogue);
  }

  /** `RED._` of a module: keys without a namespace are of its own. */
  translator(namespace: string): Translate {
    return (key, values = {}) => {
      const colon = key.indexOf(":");
      const own = colon < 0 ? namespace : key.slice(0, colon);
      const name = key.slice(colon + 1);
      const plural = typeof values["count"] === "number" && values["count"] !== 1;
      const text = (plural && this.#find(own, `${name}_plural`)) || this.#find(own, name) || name;
      return text.replaceAll(/__(\w+?)__/g, (whole, field: string) =>
        field in values ? String(values[field]) : whole,
      );
    };
  }

  /** Whether a text is a key, as status texts often are. */
  has(namespace: string, key: string): boolean {
    return this.#find(namespace, key) !== undefined;
  }

  #find(namespace: string, name: string): string | undefined {
    let at: string | Catalogue | undefined = this.#byNamespace.get(namespace);
    for (const part of name.split(".")) {
      if (typeof at !== "object" || !Object.hasOwn(at, part)) return undefined;
      at = at[part];
    }
    return typeof at === "string" ? at : undefined;
  }
}
