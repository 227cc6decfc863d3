import { PolarimeterError } from '../contract/errors.ts';
import type { SweepProgress } from '../contract/sweep.ts';

const INTERVAL_MILLIS = 100;
/** What the rate is taken over. */
const WINDOW_MILLIS = 15_000;

/** Before anything has run. */
export const IDLE_SWEEP: SweepProgress = {
  state: 'idle',
  done: 0,
  total: 0,
  doing: null,
  millisElapsed: 0,
  millisLeft: null,
  answersPerSecond: null,
  anonymousBytes: null,
  error: null,
};

const median = (values: readonly number[]): number | null =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? null;

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Where its numbers go, and what it asks of the machine. */
export interface MeterPlace {
  readonly report: (progress: SweepProgress) => void;
  readonly anonymousBytes: () => number | null;
  /** Of earlier runs. */
  readonly millisBefore: number;
}

/** Keeps the account of a running sweep and reports it, at most ten times a second and at every change of state. */
export class SweepMeter {
  readonly #place: MeterPlace;
  readonly #started = performance.now();
  /** Answers that are wanted, and that are there, by trial. */
  readonly #wanted = new Map<string, number>();
  readonly #there = new Map<string, number>();
  /** Seconds per new answer, and before the first of them, of the trials so far. */
  readonly #answerSeconds: number[] = [];
  readonly #readySeconds: number[] = [];
  #recent: number[] = [];
  #progress: SweepProgress = IDLE_SWEEP;
  #reported = -Infinity;

  constructor(place: MeterPlace) {
    this.#place = place;
  }

  get progress(): SweepProgress {
    return this.#progress;
  }

  get millisElapsed(): number {
    return this.#place.millisBefore + performance.now() - this.#started;
  }

  state(state: SweepProgress['state'], error: unknown = null): void {
    const body = error instanceof PolarimeterError ? error.body : null;
    const doing = state === 'running' ? this.#progress.doing : null;
    this.#progress = { ...this.#progress, state, doing, error: body };
    this.#send();
  }

  /** How many answers a trial is to have, and how many it has. */
  wants(trial: string, wanted: number, there: number): void {
    this.#wanted.set(trial, wanted);
    this.#there.set(trial, Math.min(there, wanted));
  }

  /** A trial gets no more answers than it has. */
  gaveUp(trial: string): void {
    this.#wanted.set(trial, this.#there.get(trial) ?? 0);
  }

  doing(words: string): void {
    this.#progress = { ...this.#progress, doing: words };
    this.#sendSometimes();
  }

  /** One new answer. */
  answered(trial: string): void {
    const wanted = this.#wanted.get(trial) ?? 0;
    this.#there.set(trial, Math.min(wanted, (this.#there.get(trial) ?? 0) + 1));
    this.#recent.push(performance.now());
    this.#sendSometimes();
  }

  /** How long a trial took until its first answer, and for how many new ones. */
  took(readySeconds: number, answerSeconds: number, answers: number): void {
    this.#readySeconds.push(readySeconds);
    if (answers > 0) this.#answerSeconds.push(answerSeconds / answers);
  }

  #sendSometimes(): void {
    if (performance.now() - this.#reported >= INTERVAL_MILLIS) this.#send();
  }

  #rate(): number | null {
    const now = performance.now();
    this.#recent = this.#recent.filter((at) => now - at <= WINDOW_MILLIS);
    const first = this.#recent[0];
    return first === undefined || now - first < 200 ? null : (1000 * this.#recent.length) / (now - first);
  }

  #millisLeft(rate: number | null): number | null {
    const left = sum(this.#wanted.values()) - sum(this.#there.values());
    const waiting = [...this.#wanted].filter(([trial, n]) => n > 0 && this.#there.get(trial) === 0).length;
    const perAnswer = median(this.#answerSeconds) ?? (rate === null ? null : 1 / rate);
    if (perAnswer === null) return null;
    return 1000 * (left * perAnswer + waiting * (median(this.#readySeconds) ?? 0));
  }

  #send(): void {
    const isRunning = this.#progress.state === 'running' || this.#progress.state === 'cancelling';
    const rate = isRunning ? this.#rate() : null;
    this.#progress = {
      ...this.#progress,
      done: sum(this.#there.values()),
      total: sum(this.#wanted.values()),
      millisElapsed: this.millisElapsed,
      millisLeft: isRunning ? this.#millisLeft(rate) : null,
      answersPerSecond: rate,
      anonymousBytes: this.#place.anonymousBytes(),
    };
    this.#reported = performance.now();
    this.#place.report(this.#progress);
  }
}
