/** Whose secrets: those of a workspace, or of the installation (upstreams for every workspace). */
export interface SecretScope {
  workspaceId: string | null;
}

/** Who uses a secret, for the record of its use. */
export interface SecretUse {
  /** Null: the gateway itself, for example to list tools. */
  userId: string | null;
  /** What for: `upstream:<name>`, `flow:<id>` … */
  purpose: string;
  runId?: string | undefined;
}

/** The one way to values of secrets, whatever keeps them. Values never leave the server but towards their target. */
export interface Vault {
  /**
   * The text with every `${NAME}` replaced. Throws AppError `unprocessable` `secret.missing`, which names those that are
   * not there; `unavailable` `vault.away`.
   */
  resolve(scope: SecretScope, text: string, use: SecretUse): Promise<string>;
  /** Seals what belongs in a row of ours: tokens of upstreams, verifiers. `context` is bound to it. */
  seal(value: string, context: string): Promise<string>;
  /** Throws `bug` where the text was changed, or sealed for another context. */
  open(sealed: string, context: string): Promise<string>;
}

/** Names of the secrets that a text uses, each once. */
export const secretNames = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(/\$\{([A-Z][A-Z0-9_]{0,63})\}/g), ([, name = ""]) => name)),
];
