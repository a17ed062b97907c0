export { listSecrets } from "./list-secrets.ts";
export { putSecret } from "./put-secret.ts";
export { rotateKeys } from "./rotate-keys.ts";
export { removeSecret } from "./remove-secret.ts";
export { createVault, type SecretVault } from "./vault.ts";
