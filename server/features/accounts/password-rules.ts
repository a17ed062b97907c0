import { PASSWORD_MAX, PASSWORD_MIN } from "./schema.ts";

/**
 * The stems of nearly all passwords at the head of published lists of leaked ones. What people hang on to them
 * (digits, years, punctuation, 3 for e) is taken off before the comparison, so few words refuse many passwords.
 */
const STEMS = new Set(
  `password passwort passwd pass passw kennwort geheim secret letmein welcome willkommen hello hallo admin administrator
  root toor login logon master access changeme change default guest test tester testing user username demo sample example
  temp temporary iloveyou loveyou love lovely princess prinzessin sunshine sonnenschein shadow schatten dragon monkey
  football fussball baseball basketball hockey soccer superman batman spiderman pokemon starwars matrix jesus christ
  michael jennifer jessica daniel thomas andrew charlie jordan michelle nicole ashley amanda joshua matthew robert hunter
  killer trustno trustnoone freedom whatever computer internet samsung google facebook microsoft windows server oracle
  cheese cookie summer sommer winter spring autumn herbst january february march april june july august september october
  november december monday friday schalke bayern hamburg berlin muenchen dortmund ferrari mercedes porsche harley mustang
  corvette camaro yamaha liverpool arsenal chelsea barcelona ginger pepper buster tigger bailey maggie snoopy flower
  butterfly angel babygirl baby lovers forever family family blink silver golden purple orange banana chocolate coffee
  qwerty qwertyuiop qwertz qwertzuiop azerty asdfgh asdfghjkl asdf zxcvbn zxcvbnm yxcvbnm qazwsx qazwsxedc abcdef abcdefg
  abcdefgh abcabc aaaaaa biteme fuckyou fuckme asshole pussy sexy nothing mypassword thepassword newpassword mypass
  company factory fabrik machine maschine produktion production operator werker industrie industry scada siemens
  shopfloor openshopfloor osfgateway gateway nodered`.split(/\s+/),
);

const LEET: Record<string, string> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};
const ROWS = [
  "0123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiop",
  "qwertzuiop",
  "asdfghjkl",
  "zxcvbnm",
  "yxcvbnm",
  "azertyuiop",
  "1qaz2wsx3edc4rfv5tgb6yhn",
];
const NEIGHBOURS = new Set(
  ROWS.flatMap((row) => [...row].slice(1).flatMap((c, i) => [`${row[i]}${c}`, `${c}${row[i]}`])),
);

const lettersOf = (text: string) => text.replaceAll(/[^\p{L}]/gu, "");
const unleet = (text: string) => text.replaceAll(/[013457@$!]/g, (c) => LEET[c] ?? c);

/** Without what is hung on at both ends: `!Password2024` → `password`. */
const stem = (text: string) => text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, "");

function isCommonWord(lower: string): boolean {
  const candidates = [stem(lower), stem(unleet(stem(lower))), lettersOf(lower), lettersOf(unleet(lower))];
  // A word hidden in enough else is fine: only if it makes up the password, digits and marks apart.
  return candidates.some((word) => STEMS.has(word) || halves(word));
}

/** Two common words in a row, or one twice. */
function halves(word: string): boolean {
  for (let i = 4; i <= word.length - 4; i++) if (STEMS.has(word.slice(0, i)) && STEMS.has(word.slice(i))) return true;
  return false;
}

function isRow(lower: string): boolean {
  let near = 0;
  for (let i = 1; i < lower.length; i++)
    if (NEIGHBOURS.has(lower.slice(i - 1, i + 1)) || lower[i] === lower[i - 1]) near++;
  return near / (lower.length - 1) >= 0.7;
}

const isRepetition = (lower: string) => /^(.{1,4})\1+.{0,3}$/u.test(lower) && new Set(lower).size <= 5;

/** Why a new password is refused, with the remedy; null: it is fine. `about`: the person's address and name. */
export function passwordProblem(password: string, about: { email: string; name: string }): string | null {
  const length = [...password].length;
  if (length < PASSWORD_MIN)
    return `The password has ${length} characters; use ${PASSWORD_MIN} or more, for example three words`;
  if (length > PASSWORD_MAX) return `The password has ${length} characters; use at most ${PASSWORD_MAX}`;
  const lower = password.toLowerCase();
  if (isRepetition(lower) || isRow(lower))
    return "This password is a row or a repetition and among the first that are tried; use several unrelated words";
  if (/^\d{1,11}$/.test(lower)) return "Digits alone are guessed quickly; add words";
  if (isCommonWord(lower))
    return "This password is a common one and among the first that are tried; use several unrelated words";
  const [mailbox = ""] = about.email.split("@");
  const own = [about.email, mailbox, about.name.toLowerCase().replaceAll(/\s+/g, "")].filter(
    (word) => word.length >= 3,
  );
  const letters = stem(lower);
  if (own.some((word) => lower === word || letters === stem(word)))
    return "This password is your name or address; use several unrelated words";
  return null;
}
