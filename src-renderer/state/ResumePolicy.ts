import type { Progress } from '../../src-main/contract/study.ts';

/** A tensor that cuts a run off twice within this time will do so again. */
const AGAIN_MILLIS = 10 * 60_000;

/**
 * Whether a run that its engine did not survive is resumed without being asked. Only one that this page saw going on; once for every
 * tensor that was in flight, and not again for the same within ten minutes: then a person decides.
 */
export class ResumePolicy {
  readonly #now: () => number;
  readonly #resumed = new Map<string, number>();
  #wasRunning = false;

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes every progress that is seen, in order; true for the one after which to resume. */
  resumesAfter({ state, inFlight }: Pick<Progress, 'state' | 'inFlight'>): boolean {
    const wasRunning = this.#wasRunning;
    this.#wasRunning = state === 'planning' || state === 'running';
    if (state !== 'interrupted' || !wasRunning) return false;
    const now = this.#now();
    // A run that was cut off before its first tensor is told apart from none.
    const suspects = inFlight.length > 0 ? inFlight : [''];
    const isAgain = suspects.some((tensor) => now - (this.#resumed.get(tensor) ?? -Infinity) < AGAIN_MILLIS);
    for (const tensor of suspects) this.#resumed.set(tensor, now);
    return !isAgain;
  }
}
