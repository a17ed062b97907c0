import type { Tx } from "../../kernel/db.ts";

/** Owner of the secrets of the installation, in place of a workspace's id. */
export const INSTALLATION = "*";

export interface StoredSecret {
  name: string;
  description: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  lastUsedAt: Date | null;
}

export interface NewValue {
  name: string;
  value: string;
  /** Undefined: stays as it is. */
  description: string | undefined;
  byId: string;
}

/**
 * What keeps secrets: the database or Infisical. `owner` is a workspace's id or INSTALLATION. `also` runs in the
 * transaction of the change, or, where the change is elsewhere, right after it. All throw `vault.away` when it cannot be
 * reached.
 */
export interface SecretStore {
  readonly kind: "database" | "infisical";
  /** Values of those names that there are. */
  read(owner: string, names: readonly string[]): Promise<Map<string, string>>;
  list(owner: string): Promise<StoredSecret[]>;
  put(owner: string, secret: NewValue, also: (tx: Tx, created: boolean) => Promise<void>): Promise<void>;
  /** False: there is none; `also` was not run then. */
  remove(owner: string, name: string, also: (tx: Tx) => Promise<void>): Promise<boolean>;
}
