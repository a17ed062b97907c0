import { AsyncLocalStorage } from "node:async_hooks";
import type { FlowNode } from "#server/engine/node.ts";
import type { Run } from "#server/engine/run.ts";
import type { Step } from "#server/engine/step.ts";

/**
 * Which delivery the code that executes just now belongs to. Nodes are hosted by many runs at once, so whatever they do
 * (send, write a context, set a timer, ask the host) is put down to the frame that they do it in.
 */
export interface Frame {
  /** Null: an instance that runs share is being built, or something happens outside any run. */
  run: Run | null;
  node: FlowNode | null;
  /** Null: a constructor, or a timer that a constructor set. */
  step: Step | null;
  /** A constructor is at work: its timers do not keep the run alive by themselves. */
  building?: boolean;
  /** Milliseconds since 1970 that nodes of this frame see as now; undefined: the clock's. See timers.ts. */
  now?: number | undefined;
}

const asynchronous = new AsyncLocalStorage<Frame>();

/** Set while a bound `send` or `done` is called: it speaks for its own delivery wherever it is called from. */
let bound: Frame | undefined;

export function currentFrame(): Frame | undefined {
  return bound ?? asynchronous.getStore();
}

/** Executes `fn`, and what it leaves behind (promises, sockets), in the frame. */
export function inFrame<T>(frame: Frame, fn: () => T): T {
  const outer = bound;
  bound = undefined;
  try {
    return asynchronous.run(frame, fn);
  } finally {
    bound = outer;
  }
}

/** Executes `fn` on behalf of the frame, for the time of the call only. */
export function onBehalfOf<T>(frame: Frame, fn: () => T): T {
  const outer = bound;
  bound = frame;
  try {
    return fn();
  } finally {
    bound = outer;
  }
}
