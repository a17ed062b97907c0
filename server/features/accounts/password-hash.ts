import { hash, verify } from "@node-rs/argon2";

// OWASP Password Storage Cheat Sheet, argon2id (the package's default algorithm): 19 MiB, 2 passes, 1 lane.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// The same character can be typed as different code points, depending on the keyboard (NIST SP 800-63B, 3.1.1.2).
const canonical = (password: string) => password.normalize("NFKC");

export const hashPassword = (password: string): Promise<string> => hash(canonical(password), COST);

/** Takes as long without a hash as with one, so that time does not tell whether an account exists. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await decoy()), canonical(password));
  return stored !== null && matches;
}

let decoyHash: Promise<string> | undefined;
const decoy = () => (decoyHash ??= hashPassword("no account has this hash"));
