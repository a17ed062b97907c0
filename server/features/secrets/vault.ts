import { openText, sealText } from "../../kernel/crypto.ts";
import { AppError } from "../../kernel/errors.ts";
import { secretNames, type SecretScope, type Vault } from "../../mcp/vault.ts";
import type { Deps } from "../deps.ts";
import { createDatabaseStore } from "./database-store.ts";
import { createDataKeys, type DataKeys } from "./data-keys.ts";
import { createInfisicalStore } from "./infisical-store.ts";
import { INSTALLATION, type SecretStore } from "./store.ts";
import { createUseLog } from "./use-log.ts";

/** Live topic on which a change of secrets is announced, with their owner. */
export const SECRETS_TOPIC = "secrets";
/** How long an opened value is kept in memory. A change ends it at once, but one made in Infisical itself does not. */
const KEEP_MS = 30_000;
const FORMAT = "v1";

/** The vault of a process, with what keeps its secrets. */
export interface SecretVault extends Vault {
  readonly store: SecretStore;
  readonly keys: DataKeys;
  /** Writes what is gathered of uses. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  value: string;
  until: number;
}

/** Whose secrets they are, as rows and folders say it. */
export const ownerOf = ({ workspaceId }: SecretScope): string => workspaceId ?? INSTALLATION;

type VaultDeps = Pick<Deps, "db" | "live" | "log" | "clock"> & {
  settings: Pick<Deps["settings"], "jwtSecret" | "encryptionKey" | "encryptionKeyOld" | "infisical">;
};

export function createVault(deps: VaultDeps): SecretVault {
  const { settings, live, clock } = deps;
  const keys = createDataKeys(deps);
  const store = settings.infisical
    ? createInfisicalStore({ ...deps, infisical: settings.infisical })
    : createDatabaseStore({ ...deps, keys });
  const uses = createUseLog(deps);
  const held = new Map<string, Map<string, Held>>();
  let changes = 0;
  const forget = (owner?: string) => {
    changes++;
    if (owner === undefined) held.clear();
    else held.delete(owner);
  };
  const ends = [live.subscribe(SECRETS_TOPIC, forget), live.onGap(() => forget())];

  /** The values of those that there are; only what is not held, or held for too long, is asked for. */
  const values = async (owner: string, names: readonly string[]): Promise<Map<string, string>> => {
    const now = clock.now().getTime();
    const found = new Map<string, string>();
    for (const name of names) {
      const one = held.get(owner)?.get(name);
      if (one && one.until > now) found.set(name, one.value);
    }
    const wanted = names.filter((name) => !found.has(name));
    if (!wanted.length) return found;
    const before = changes;
    for (const [name, value] of await store.read(owner, wanted)) {
      found.set(name, value);
      if (changes !== before) continue; // it may have been read before the change that was heard of
      let ofOwner = held.get(owner);
      if (!ofOwner) held.set(owner, (ofOwner = new Map()));
      ofOwner.set(name, { value, until: now + KEEP_MS });
    }
    return found;
  };

  return {
    store,
    keys,
    async resolve(scope, text, use) {
      const names = secretNames(text);
      if (!names.length) return text;
      const owner = ownerOf(scope);
      const found = await values(owner, names);
      const absent = names.filter((name) => !found.has(name));
      if (absent.length)
        throw new AppError(
          "unprocessable",
          "secret.missing",
          `${absent.length === 1 ? "The secret" : "The secrets"} ${absent.join(", ")} ${absent.length === 1 ? "is" : "are"} not set. Enter ${absent.length === 1 ? "it" : "them"} under Settings → Secrets`,
          { extra: { secrets: absent } },
        );
      uses.used(owner, names, use);
      // A value that itself holds ${…} stays as it is: the text is gone through once.
      return text.replace(/\$\{([A-Z][A-Z0-9_]{0,63})\}/g, (whole, name: string) => found.get(name) ?? whole);
    },
    async seal(value, context) {
      const { id, key } = await keys.current();
      return `${FORMAT}:${id}:${sealText(key, value, `context:${context}`)}`;
    },
    async open(sealed, context) {
      const [format, id = "", body = ""] = sealed.split(":");
      const text = format === FORMAT ? openText((await keys.byId(id)).key, body, `context:${context}`) : null;
      if (text === null)
        throw new AppError("bug", "vault.changed", "Something sealed was changed outside of the gateway");
      return text;
    },
    flush: () => uses.flush(),
    async close() {
      for (const end of ends) end();
      keys.close();
      await uses.close();
      held.clear();
    },
  };
}
