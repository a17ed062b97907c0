import { useState } from "react";
import { useLocale, useNow, useWords } from "#app/_ui/words/locale.tsx";
import { FORMAT_TAG } from "#app/_ui/words/locales.ts";
import { authWords } from "./auth-words.ts";
import { SignInFailure } from "./sign-in.ts";

interface Failed {
  code: string;
  detail: string;
  /** Until when the gateway refuses, ms; null: it does not. */
  until: number | null;
}

function untilOf({ code, detail }: SignInFailure): number | null {
  if (code === "auth.locked") return Date.parse(detail) || null;
  const seconds = Number(detail);
  return detail !== "" && Number.isFinite(seconds) ? Date.now() + seconds * 1_000 : null;
}

/** The last failure of a sign-in in words that change when a lock or a limit is over. */
export function useFailure() {
  const words = useWords(authWords);
  const locale = useLocale();
  const [failed, setFailed] = useState<Failed | null>(null);
  const now = useNow((present) => (failed?.until && failed.until > present ? 1_000 : null));

  const show = (error: unknown) => {
    const failure = error instanceof SignInFailure ? error : new SignInFailure("bug");
    setFailed({ code: failure.code, detail: failure.detail, until: untilOf(failure) });
  };
  const text = (): string | null => {
    if (!failed) return null;
    const { code, detail, until } = failed;
    if (code === "auth.locked" && until) {
      if (until <= now) return words.lockOver;
      const clock = new Intl.DateTimeFormat(FORMAT_TAG[locale], { hour: "2-digit", minute: "2-digit" }).format(until);
      return words.locked(clock, Math.ceil((until - now) / 60_000));
    }
    // the seconds stand still: a text that counts down would be read out each second
    if (code === "rate.limited" || code === "auth.busy")
      return until && until <= now ? words.limitOver : words.limited(Number(detail) || 60);
    if (code === "auth.credentials") return words.wrong;
    if (code === "auth.unverified") return words.unverified;
    if (code === "database.away") return words.away;
    if (code === "request.invalid") return words.invalid;
    return code === "unreachable" ? words.unreachable : words.bug;
  };
  return { text: text(), show, clear: () => setFailed(null) };
}
