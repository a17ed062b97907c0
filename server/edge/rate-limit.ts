export { holdRate, LIMITS, RateLimitError, type LimitName } from "../features/accounts/index.ts";
