export { API_KEY, createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
export { createAccount, type NewAccount } from "./create-account.ts";
export { refuseLocked } from "./lockout.ts";
export { hashPassword } from "./password-hash.ts";
export { changePassword, me, updateProfile } from "./profile.ts";
export { register } from "./register.ts";
export { BROWSER_MAX_MS, IDLE_MS, listSessions, revokeSession, type From } from "./sessions.ts";
export { signIn, type SignIn } from "./sign-in.ts";
export { issueTokens, readAccessToken, refresh } from "./tokens.ts";
