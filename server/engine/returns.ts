/**
 * What comes back to link calls of a run that is gone on with. A call that is made again gets what it had got, but only
 * when it is made: its step may have other things to do before.
 */
export class Returns {
  /** Events of calls that have been made again. */
  readonly called = new Set<string>();
  readonly #kept = new Map<string, () => void>();
  readonly #awaited = new Map<string, () => void>();

  /** It had come back before. */
  keep(event: string, back: () => void): void {
    this.#kept.set(event, back);
  }

  /** It was on its way back. */
  await(event: string, back: () => void): void {
    this.#awaited.set(event, back);
  }

  /** The call is made again: what comes back to it. */
  take(event: string): (() => void) | undefined {
    this.called.add(event);
    const back = this.#awaited.get(event) ?? this.#kept.get(event);
    this.#awaited.delete(event);
    this.#kept.delete(event);
    return back;
  }

  /** Whether something is there for a call that has not been made again by a step that may. */
  expects(mayCall: (event: string) => boolean): boolean {
    return this.#awaited.size > 0 || [...this.#kept.keys()].some(mayCall);
  }

  /** At the end: something on its way to a call that was not made again. */
  next(): (() => void) | undefined {
    const [first] = this.#awaited;
    if (first) this.#awaited.delete(first[0]);
    return first?.[1];
  }
}
