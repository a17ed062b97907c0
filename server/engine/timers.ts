import type { EngineClock } from "#server/engine/engine-types.ts";
import type { Frame } from "#server/engine/frame.ts";
import type { FlowNode } from "#server/engine/node.ts";

/** A time in which a run was not executed: timers do not run on in it. Milliseconds since 1970. */
export interface Gap {
  from: number;
  to: number;
}

/** What setTimeout returns: enough of Node's Timeout for the modules. */
export class Timer {
  readonly frame: Frame;
  readonly fire: () => void;
  readonly ms: number;
  readonly repeat: boolean;
  readonly background: boolean;
  due: number;
  dead = false;
  constructor(frame: Frame, fire: () => void, ms: number, repeat: boolean, due: number) {
    this.frame = frame;
    this.fire = fire;
    this.ms = ms;
    this.repeat = repeat;
    this.due = due;
    this.background = frame.building === true || frame.step === null;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

/** What setImmediate returns. `cancel` does nothing once it was executed. */
export class Soon {
  cancel: () => void;
  constructor(cancel: () => void) {
    this.cancel = cancel;
  }
}

/**
 * The timers of one run. They are due at a time of the run's own making: what a node of a stateful type sets while it
 * works on something counts from the time of that (its delivery, or the timer that woke it), not from the moment at which
 * the line was executed. So the same inputs at the same times make the same timers, and a recovery comes to the same end.
 */
export class RunTimers {
  /** Those that keep the run alive. */
  foreground = 0;
  readonly #clock: EngineClock;
  readonly #gaps: readonly Gap[];
  readonly #wake: (owner: FlowNode | null) => void;
  readonly #lists = new Map<FlowNode | null, Timer[]>();
  #cancel: (() => void) | undefined;
  #next = Infinity;
  #held = true;

  /** `wake` is called when timers of an owner are due; it takes them by `takeDue`. */
  constructor(clock: EngineClock, gaps: readonly Gap[], wake: (owner: FlowNode | null) => void) {
    this.#clock = clock;
    this.#gaps = gaps;
    this.#wake = wake;
  }

  add(frame: Frame, fire: () => void, ms: number, repeat: boolean): Timer {
    // constructors share a frame, and the next one will set its node
    const own = frame.building ? { ...frame } : frame;
    const span = Number.isFinite(ms) && ms >= 1 ? Math.min(ms, 2_147_483_647) : 1; // as Node's timers
    const timer = new Timer(own, fire, span, repeat, this.#dueAfter(frame.now ?? this.#clock.now(), span));
    this.#insert(timer);
    this.#count(timer, 1);
    return timer;
  }

  clear(timer: Timer): void {
    if (timer.dead) return;
    timer.dead = true;
    const list = this.#lists.get(timer.frame.node);
    const at = list?.indexOf(timer) ?? -1;
    if (at >= 0) list?.splice(at, 1);
    this.#count(timer, -1);
  }

  /** The owner's earliest timer that is due at `now`; an interval is set again. */
  takeDue(owner: FlowNode | null, now: number): { timer: Timer; due: number } | undefined {
    const list = this.#lists.get(owner);
    const timer = list?.[0];
    if (!list || !timer || timer.due > now) return undefined;
    list.shift();
    const { due } = timer;
    if (timer.repeat) {
      timer.due = this.#dueAfter(due, timer.ms);
      this.#insert(timer);
    }
    return { timer, due };
  }

  /** To be called after `timer.fire`: one that does not repeat has ended. */
  fired(timer: Timer): void {
    if (timer.repeat || timer.dead) return;
    timer.dead = true;
    this.#count(timer, -1);
  }

  hasDue(owner: FlowNode | null, now: number): boolean {
    const first = this.#lists.get(owner)?.[0];
    return first !== undefined && first.due <= now;
  }

  /** Whether something of the node would still happen by a timer of its constructor. */
  hasBackground(owner: FlowNode): boolean {
    return this.#lists.get(owner)?.some((timer) => timer.background) ?? false;
  }

  /** A time without the gaps before it: what hrtime measures by. */
  runningTime(now: number): number {
    let time = now;
    for (const gap of this.#gaps) if (gap.from < now) time -= Math.min(gap.to, now) - gap.from;
    return time;
  }

  /** From now on timers wake their owners. Before (while a run is recovered) they are only taken. */
  start(): void {
    this.#held = false;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#held = true;
    for (const list of this.#lists.values()) for (const timer of list) timer.dead = true;
    this.#lists.clear();
  }

  #dueAfter(now: number, ms: number): number {
    let due = now + ms;
    for (const gap of this.#gaps) if (gap.to > now && due > gap.from) due += gap.to - Math.max(gap.from, now);
    return due;
  }

  #count(timer: Timer, by: 1 | -1): void {
    if (timer.background) return;
    this.foreground += by;
    timer.frame.run?.timerCounted(timer.frame, by);
  }

  #insert(timer: Timer): void {
    const owner = timer.frame.node;
    let list = this.#lists.get(owner);
    if (!list) this.#lists.set(owner, (list = []));
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.due <= timer.due)
        low = middle + 1; // below the length
      else high = middle;
    }
    list.splice(low, 0, timer);
    if (timer.due < this.#next) this.#arm();
  }

  #arm(): void {
    if (this.#held) return;
    let next = Infinity;
    for (const list of this.#lists.values()) if (list[0] && list[0].due < next) next = list[0].due;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#next = next;
    if (next === Infinity) return;
    this.#cancel = this.#clock.after(Math.max(0, next - this.#clock.now()), () => {
      this.#cancel = undefined;
      this.#next = Infinity;
      const now = this.#clock.now();
      const due = [...this.#lists].filter(([, list]) => list[0] && list[0].due <= now);
      for (const [owner] of due) this.#wake(owner);
      if (due.length === 0) this.#arm(); // what it was set for has been cleared
    });
  }

  /** After an owner has taken what was due: sleep until the next. */
  rearm(): void {
    if (this.#cancel === undefined) this.#arm();
  }
}
