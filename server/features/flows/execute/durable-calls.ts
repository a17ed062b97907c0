import { setTimeout as pause } from "node:timers/promises";
import type { CallRef } from "#server/engine/contract.ts";
import { AppError, isDatabaseAway } from "#server/kernel/errors.ts";
import type { Execution, RecordedCall } from "../../runs/index.ts";

export interface DurableCall {
  ref: CallRef;
  op: string;
  args: unknown;
  /** Asked where an earlier attempt began the call and its result was lost. Default: it may be made again. */
  again?: () => Promise<{ repeat: true } | { repeat: false; result: unknown }>;
  /** It takes effect by being recorded itself, so it is not announced before. */
  atOnce?: boolean;
  /** Acts, and answers with JSON. */
  act(): Promise<unknown>;
}

/** Thrown into what waits for a run that is suspended, cancelled or taken over; never recorded. */
const aborted = (signal: AbortSignal) => signal.reason as Error; // an abort's reason is what the caller gave

/**
 * Calls of a run's steps to what lies outside, each made once: it is durable before it leaves, and its result before
 * the step goes on. A step that is executed again gets the same answer again, also from a call that is still under way.
 */
export class DurableCalls {
  readonly #execution: Execution;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, RecordedCall>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(execution: Execution, signal: AbortSignal, known: readonly RecordedCall[]) {
    this.#execution = execution;
    this.#signal = signal;
    for (const call of known) this.#known.set(keyOf(call), call);
  }

  /** All that came to an end, for what they used. */
  get ended(): RecordedCall[] {
    return [...this.#known.values()].filter(({ state }) => state !== "begun");
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Rejects with AppError; with the signal's reason when the run is given up meanwhile. */
  make(call: DurableCall): Promise<unknown> {
    const key = keyOf(call.ref);
    const underWay = this.#underWay.get(key) ?? this.#make(key, call).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, underWay);
    return underWay;
  }

  async #make(key: string, { ref, op, args, again, atOnce, act }: DurableCall): Promise<unknown> {
    const known = this.#known.get(key);
    if (known?.state === "done") return known.result;
    if (known?.state === "failed") throw failureOf(known.result);
    const record = async (state: RecordedCall["state"], result?: unknown) => {
      const call: RecordedCall = { ...ref, op, args, state, ...(result === undefined ? {} : { result }) };
      this.#known.set(key, call);
      this.#execution.call(call);
      await this.#execution.commit();
    };
    try {
      if (known && again) {
        const answer = await this.#throughOutages(again);
        if (!answer.repeat) {
          await record("done", answer.result ?? null);
          return answer.result;
        }
      } else if (!known && !atOnce) await record("begun");
      const result = await this.#throughOutages(act);
      this.#signal.throwIfAborted();
      await record("done", result ?? null);
      return result;
    } catch (error) {
      if (this.#signal.aborted) throw aborted(this.#signal);
      if (!(error instanceof AppError))
        this.#execution.log.error({ err: error, op, ...ref }, "a call of a flow failed");
      const failure =
        error instanceof AppError
          ? { code: error.code, message: messageOf(error) }
          : {
              code: "bug",
              message: "This failed because of a mistake in the gateway. An administrator finds it in the log",
            };
      await record("failed", failure);
      throw failureOf(failure);
    }
  }

  /** Our own database away is no failure of the call. What acts outside does not throw that. */
  async #throughOutages<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        return await act();
      } catch (error) {
        if (!isDatabaseAway(error) || this.#signal.aborted) throw error;
        await pause(500, undefined, { signal: this.#signal });
      }
    }
  }
}

const keyOf = ({ step, n }: CallRef): string => `${step}/${n}`;

/** The failure in words that say which argument is wrong. */
const messageOf = ({ message, hints: { fields = [] } }: AppError): string =>
  [message, ...fields.map((field) => `${field.path}: ${field.message}`)].join("\n");

function failureOf(result: unknown): AppError {
  const { code, message } = result as { code: string; message: string }; // written above alone
  return new AppError("unprocessable", code, message);
}
