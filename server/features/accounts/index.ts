export { API_KEY, createApiKey } from "./api-keys.ts";
export { createAccount, type NewAccount } from "./create-account.ts";
export { limitedSignIn } from "./limited-sign-in.ts";
export { hashPassword } from "./password-hash.ts";
export { apiRate } from "./rate-limit.ts";
export { BROWSER_MAX_MS, IDLE_MS, type From } from "./sessions.ts";
export { signIn, type SignIn } from "./sign-in.ts";
export { issueTokens, readAccessToken } from "./tokens.ts";
