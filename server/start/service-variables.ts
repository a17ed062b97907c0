import { UpstreamName, type SettingsUpstream } from "../kernel/upstream.schema.ts";

const PREFIX = "MCP_SERVICE_";
const SETTINGS = [
  "ENDPOINT",
  "AUTH_TYPE",
  "TOKEN",
  "API_KEY",
  "API_KEY_HEADER",
  "ACCESS_TOKEN",
  "REFRESH_TOKEN",
  "CLIENT_ID",
  "CLIENT_SECRET",
  "TOKEN_ENDPOINT",
  "TIMEOUT",
  "RATE_LIMIT_RPM",
  "RATE_LIMIT_BURST",
  "CB_FAILURE_THRESHOLD",
  "CB_RECOVERY_TIMEOUT",
  "CB_HALF_OPEN_MAX_CALLS",
] as const;
type Setting = (typeof SETTINGS)[number];
type Given = Partial<Record<Setting, string>>;

const AUTH_TYPES = ["none", "bearer", "api_key", "oauth"] as const;

/** `my-erp` → `MCP_SERVICE_MY_ERP_`: all hyphens become underscores. */
const prefixOf = (name: string) => `${PREFIX}${name.toUpperCase().replaceAll("-", "_")}_`;

/**
 * The services of `MCP_SERVICES` with their variables `MCP_SERVICE_<NAME>_…`. `say` is told each problem: the variable
 * and what is expected; never a value.
 */
export function readServices(
  names: readonly string[],
  variables: Record<string, string>,
  say: (problem: string) => void,
): SettingsUpstream[] {
  const usable = names.filter((name, at) => {
    if (!UpstreamName.safeParse(name).success)
      say(`MCP_SERVICES: expected small letters, digits, _ and -, got ${JSON.stringify(name)}`);
    else if (names.findIndex((one) => prefixOf(one) === prefixOf(name)) !== at)
      say(`MCP_SERVICES: ${name} has the same variables as another service; choose another name`);
    else return true;
    return false;
  });
  const given = new Map<string, Given>(usable.map((name) => [name, {}]));
  for (const [variable, value] of Object.entries(variables)) {
    const owner = ownerOf(variable, usable);
    if (owner) given.get(owner.name)![owner.setting] = value;
    else say(`${variable}: expected one of MCP_SERVICE_<NAME>_${SETTINGS.join("|")}, with a name of MCP_SERVICES`);
  }
  return usable.flatMap((name) => serviceOf(name, given.get(name) ?? {}, say) ?? []);
}

function ownerOf(variable: string, names: readonly string[]): { name: string; setting: Setting } | undefined {
  for (const name of names) {
    const rest = variable.startsWith(prefixOf(name)) ? variable.slice(prefixOf(name).length) : "";
    const setting = SETTINGS.find((one) => one === rest);
    if (setting) return { name, setting };
  }
  return undefined;
}

function serviceOf(name: string, given: Given, say: (problem: string) => void): SettingsUpstream | undefined {
  const variable = (setting: Setting) => `${prefixOf(name)}${setting}`;
  const wrong = (setting: Setting, expected: string) => void say(`${variable(setting)}: expected ${expected}`);
  const url = (setting: Setting) => {
    const text = given[setting];
    if (text === undefined) return undefined;
    const parsed = URL.parse(text);
    if (parsed && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password) return text;
    return wrong(setting, "an http:// or https:// address without user name and password");
  };
  const whole = (setting: Setting, min: number, max: number) => {
    const text = given[setting];
    if (text === undefined) return undefined;
    const number = Number(text);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    return wrong(setting, `a whole number from ${min} to ${max}`);
  };
  const time = (setting: Setting, min: number, max: number) => {
    const text = given[setting];
    if (text === undefined) return undefined;
    const [, digits, unit = "ms"] = /^(\d+)\s*(ms|s|m)?$/.exec(text.trim()) ?? [];
    const ms = Number(digits) * { ms: 1, s: 1_000, m: 60_000 }[unit as "ms" | "s" | "m"]; // as the expression has it
    if (ms >= min && ms <= max) return ms;
    return wrong(setting, `milliseconds from ${min} to ${max}, or with a unit such as 30s`);
  };

  if (given.ENDPOINT === undefined) wrong("ENDPOINT", `the address of the service ${name}`);
  const endpoint = url("ENDPOINT");
  const auth = authOf(given, wrong, url("TOKEN_ENDPOINT") ?? undefined);
  const timeoutMs = time("TIMEOUT", 100, 600_000);
  const rpm = whole("RATE_LIMIT_RPM", 1, 1_000_000);
  const burst = whole("RATE_LIMIT_BURST", 1, 100_000);
  const threshold = whole("CB_FAILURE_THRESHOLD", 1, 1_000);
  const recovery = time("CB_RECOVERY_TIMEOUT", 10, 3_600_000);
  const halfOpen = whole("CB_HALF_OPEN_MAX_CALLS", 1, 100);
  if (!endpoint || !auth) return undefined;
  return {
    name,
    title: name,
    url: endpoint,
    source: "environment",
    transport: { kind: "service", operations: [] },
    auth,
    policy: {
      ...(timeoutMs && { timeoutMs }),
      ...((rpm ?? burst) && {
        rate: { requestsPerMinute: rpm ?? 100, burst: burst ?? 20, queue: 100, queueMs: 10_000 },
      }),
      ...((threshold ?? recovery ?? halfOpen) && {
        breaker: {
          failureThreshold: threshold ?? 5,
          recoveryMs: recovery ?? 30_000,
          halfOpenMaxCalls: halfOpen ?? 3,
        },
      }),
    },
  };
}

/** What was given decides where `AUTH_TYPE` says nothing. */
function authOf(
  given: Given,
  wrong: (setting: Setting, expected: string) => void,
  tokenEndpoint: string | undefined,
): SettingsUpstream["auth"] | undefined {
  const { TOKEN, API_KEY, ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET, API_KEY_HEADER } = given;
  const asked = given.AUTH_TYPE?.toLowerCase().replace("-", "_").replace("oauth2", "oauth");
  const guessed = TOKEN
    ? "bearer"
    : API_KEY
      ? "api_key"
      : ACCESS_TOKEN || REFRESH_TOKEN || CLIENT_ID
        ? "oauth"
        : "none";
  const type = AUTH_TYPES.find((one) => one === (asked ?? guessed));
  switch (type) {
    case undefined:
      wrong("AUTH_TYPE", AUTH_TYPES.join(", "));
      return undefined;
    case "none":
      return { kind: "none" };
    case "bearer": {
      const token = TOKEN ?? ACCESS_TOKEN;
      if (token) return { kind: "bearer", token };
      wrong("TOKEN", "the token, since AUTH_TYPE is bearer");
      return undefined;
    }
    case "api_key": {
      const header = API_KEY_HEADER ?? "X-API-Key";
      if (!/^[A-Za-z0-9-]{1,64}$/.test(header)) wrong("API_KEY_HEADER", "the name of a header");
      else if (!API_KEY) wrong("API_KEY", "the key, since AUTH_TYPE is api_key");
      else return { kind: "header", header, value: API_KEY };
      return undefined;
    }
    case "oauth": {
      const endpoint = tokenEndpoint && { tokenEndpoint };
      if (REFRESH_TOKEN) {
        if (!tokenEndpoint) wrong("TOKEN_ENDPOINT", "where REFRESH_TOKEN is exchanged for access tokens");
        if (!CLIENT_ID) wrong("CLIENT_ID", "the client that REFRESH_TOKEN was given to");
        if (!tokenEndpoint || !CLIENT_ID) return undefined;
        return {
          kind: "oauth-client",
          clientId: CLIENT_ID,
          ...(CLIENT_SECRET && { clientSecret: CLIENT_SECRET }),
          ...endpoint,
          refreshToken: REFRESH_TOKEN,
        };
      }
      if (ACCESS_TOKEN) return { kind: "bearer", token: ACCESS_TOKEN };
      if (CLIENT_ID && CLIENT_SECRET)
        return { kind: "oauth-client", clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...endpoint };
      wrong("ACCESS_TOKEN", "a token, or REFRESH_TOKEN, or CLIENT_ID and CLIENT_SECRET, since AUTH_TYPE is oauth");
      return undefined;
    }
  }
}
