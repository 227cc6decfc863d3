import type { WeightDocument, WeightQuery } from '../../src-main/contract/stripes.ts';
import { type Problem, problemOf } from '../api/problem.ts';

/** A pointer that crosses many weights asks only for the one where it rests. */
const REST_MILLIS = 50;

/** The weight under the cursor, as the engine reads it. */
export class WeightReading {
  readonly #load: (query: WeightQuery, signal: AbortSignal) => Promise<WeightDocument>;
  /** The last weight that was read; it stays until the next one is there. */
  value = $state.raw<WeightDocument | null>(null);
  problem = $state.raw<Problem | null>(null);
  #asked = '';
  #asking = new AbortController();

  constructor(load: (query: WeightQuery, signal: AbortSignal) => Promise<WeightDocument>) {
    this.#load = load;
  }

  /** Reads another weight, giving up the one before; null is none. */
  ask(query: WeightQuery | null): void {
    const asked = JSON.stringify(query);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    if (query) setTimeout(() => void this.#read(query, signal), REST_MILLIS);
  }

  async #read(query: WeightQuery, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const value = await this.#load(query, signal);
      if (signal.aborted) return;
      this.value = value;
      this.problem = null;
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error);
    }
  }
}
