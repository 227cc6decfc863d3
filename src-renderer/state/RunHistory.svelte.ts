import { LOG_LINES, type LogLine } from '../../src-main/contract/runLog.ts';
import type { Progress } from '../../src-main/contract/study.ts';

/** How fast a run was at a moment; `at` in milliseconds on the page's clock. */
export interface RateSample {
  readonly at: number;
  readonly bytesPerSecond: number;
  readonly flopsPerSecond: number;
}

/** What the curves of the rates reach back. */
export const HISTORY_MILLIS = 60_000;
const SAMPLE_MILLIS = 500;

/** What this page has seen of a run: its rates over the last minute, and its log. */
export class RunHistory {
  readonly #now: () => number;
  samples = $state.raw<readonly RateSample[]>([]);
  lines = $state.raw<readonly LogLine[]>([]);

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  sample({ state, bytesPerSecond, flopsPerSecond }: Progress): void {
    if (state === 'planning') this.samples = [];
    if (state !== 'running') return;
    const at = this.#now();
    if (at - (this.samples.at(-1)?.at ?? -Infinity) < SAMPLE_MILLIS) return;
    const kept = this.samples.filter((sample) => at - sample.at <= HISTORY_MILLIS);
    this.samples = [...kept, { at, bytesPerSecond, flopsPerSecond }];
  }

  /** @param isReplay the lines take the place of all that came before */
  log(lines: readonly LogLine[], isReplay: boolean): void {
    this.lines = [...(isReplay ? [] : this.lines), ...lines].slice(-LOG_LINES);
  }
}
