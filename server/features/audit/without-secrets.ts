export type DetailValue = string | number | boolean | null | DetailValue[] | { [name: string]: DetailValue };
export type Detail = { [name: string]: DetailValue };

const SECRET_NAME = /pass(word|phrase)|secret|token|authorization|cookie|credential|private.?key|api.?key|^key$/i;
const SECRET_SHAPES = [
  /\bosfr?_[0-9a-f]{32,}/g, // API keys and refresh tokens of ours
  /\beyJ[\w-]{8,}\.[\w-]*\.[\w-]*(\.[\w-]+){0,2}/g, // JWS and JWE
  /\bBearer\s+[\w.~+/=-]+/gi,
  /(?<=:\/\/[^/\s:@]*:)[^/\s@]+(?=@)/g, // a password in an address
];
const CENSORED = "[secret]";

const censor = (text: string) => SECRET_SHAPES.reduce((rest, shape) => rest.replaceAll(shape, CENSORED), text);

function clean(value: DetailValue, name: string): DetailValue {
  // Names such as `tokens` count things: a number is no secret.
  if (SECRET_NAME.test(name) && typeof value === "string") return CENSORED;
  if (typeof value === "string") return censor(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, name));
  if (value !== null && typeof value === "object") return withoutSecrets(value);
  return value;
}

/** A copy in which what is named like a secret, or looks like one of ours, is replaced. */
export const withoutSecrets = (detail: Detail): Detail =>
  Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, clean(value, name)]));
