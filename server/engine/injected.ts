import { promisify } from "node:util";
import type { EngineClock } from "#server/engine/engine-types.ts";
import { currentFrame, type Frame } from "#server/engine/frame.ts";
import { Soon, Timer } from "#server/engine/timers.ts";

/** What modules of nodes get in place of the globals of the same name. */
export interface InjectedGlobals {
  setTimeout: (fn: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => unknown;
  clearTimeout: (timer: unknown) => void;
  setInterval: (fn: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => unknown;
  clearInterval: (timer: unknown) => void;
  setImmediate: (fn: (...args: unknown[]) => void, ...args: unknown[]) => unknown;
  clearImmediate: (timer: unknown) => void;
  Date: DateConstructor;
  Math: Math;
  process: NodeJS.Process;
}

/** The globals for modules of nodes. Outside a run's frame they are the ordinary ones. */
export function createInjectedGlobals(clock: EngineClock): InjectedGlobals {
  const start = (repeat: boolean) =>
    function set(fn: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown {
      const frame = currentFrame();
      if (!frame?.run) return (repeat ? setInterval : setTimeout)(fn, ms, ...args);
      return frame.run.setTimer(frame, () => fn(...args), Number(ms), repeat);
    };
  const clear = (timer: unknown): void => {
    if (timer instanceof Timer) timer.frame.run?.clearTimer(timer);
    else clearTimeout(timer as NodeJS.Timeout); // what set returned outside a run, or what Node ignores
  };
  const immediate = (fn: (...args: unknown[]) => void, ...args: unknown[]): unknown => {
    const frame = currentFrame();
    if (!frame?.run) return setImmediate(fn, ...args);
    return frame.run.setImmediate(frame, () => fn(...args));
  };
  const timeout = start(false);
  Object.defineProperty(timeout, promisify.custom, {
    value: (ms: number, value: unknown) => new Promise((resolve) => void timeout(() => resolve(value), ms)),
  });
  return {
    setTimeout: timeout,
    clearTimeout: clear,
    setInterval: start(true),
    clearInterval: clear,
    setImmediate: immediate,
    clearImmediate: (handle) => {
      if (handle instanceof Soon) handle.cancel();
      else clearImmediate(handle as NodeJS.Immediate); // what setImmediate returned outside a run
    },
    Date: dateOf(() => currentFrame()?.now ?? clock.now()),
    Math: mathOf(() => currentFrame()),
    process: processOf(() => {
      const frame = currentFrame();
      const now = frame?.now ?? clock.now();
      return frame?.run ? frame.run.timers.runningTime(now) : now;
    }),
  };
}

function dateOf(now: () => number): DateConstructor {
  class InjectedDate extends Date {
    constructor(...args: unknown[]) {
      if (args.length === 0) super(now());
      else super(...(args as [number])); // whatever Date takes
    }
    static override now(): number {
      return now();
    }
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Date;
    }
  }
  return InjectedDate as unknown as DateConstructor; // Date() without new is used by no module
}

/** Chance within a run is the same when the step is repeated (delay's random mode, random in JSONata). */
function mathOf(frame: () => Frame | undefined): Math {
  const random = () => {
    const at = frame();
    return at?.run ? at.run.dice(at).random() : Math.random();
  };
  return Object.create(Math, { random: { value: random } }) as Math; // the rest by the prototype
}

/** delay measures by hrtime, which must be the time that the run goes by. */
function processOf(now: () => number): NodeJS.Process {
  const hrtime = (before?: [number, number]): [number, number] => {
    const ms = now();
    let seconds = Math.floor(ms / 1000);
    let nanos = Math.round((ms % 1000) * 1e6);
    if (before) {
      seconds -= before[0];
      nanos -= before[1];
      if (nanos < 0) {
        seconds -= 1;
        nanos += 1e9;
      }
    }
    return [seconds, nanos];
  };
  hrtime.bigint = () => BigInt(Math.round(now() * 1e6));
  return Object.create(process, { hrtime: { value: hrtime } }) as NodeJS.Process; // the rest by the prototype
}

/** Real time. */
export const systemTime: EngineClock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, Math.min(Math.ceil(ms), 2_147_483_647));
    return () => clearTimeout(timer);
  },
};
