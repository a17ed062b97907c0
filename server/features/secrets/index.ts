export { putSecret } from "./put-secret.ts";
export { rotateKeys } from "./rotate-keys.ts";
export { createVault, type SecretVault } from "./vault.ts";
