import { AppError } from "../kernel/errors.ts";

/** Rejects with the signal's reason as soon as it aborts. */
export async function orAborted<T>(wanted: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return wanted;
  const given = Promise.withResolvers<never>();
  const abort = () => given.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([wanted, given.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    wanted.catch(() => undefined); // nobody waits for it any more
  }
}

/** Undefined where it fails or takes longer: the others must not wait for one. */
export async function within<T>(ms: number, wanted: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => (timer = setTimeout(done, ms, undefined)));
  try {
    return await Promise.race([wanted.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

const LATE = Symbol("late");
/** Rejects with `tool.timeout` where it takes longer: nothing has been sent by then. */
export async function inTime<T>(
  wanted: Promise<T>,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  upstream: string,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(LATE), timeoutMs);
  try {
    return await orAborted(wanted, signal ? AbortSignal.any([signal, late.signal]) : late.signal);
  } catch (error) {
    if (error !== LATE) throw error;
    const message = `The server ${upstream} could not be reached within ${timeoutMs / 1_000} s`;
    throw new AppError("upstream", "tool.timeout", message, { extra: { mayHaveRun: false } });
  } finally {
    clearTimeout(timer);
  }
}
