import type { CredentialSource } from "./credentials/source.ts";

/** For gateways whose upstreams want none. */
export const noCredentials: CredentialSource = { headersFor: async () => ({}), refused: async () => false };
