import type { Progress } from '../contract/study.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { anonymousBytes } from './limits.ts';
import type { MemoryBudget } from './MemoryBudget.ts';

const INTERVAL_MILLIS = 100;

/** Before anything has run. */
export const IDLE: Progress = {
  state: 'idle',
  done: 0,
  total: 0,
  cached: 0,
  skipped: 0,
  overBudget: 0,
  tensor: null,
  stage: null,
  bytesRead: 0,
  bytesPerSecond: 0,
  flopsPerSecond: 0,
  millisElapsed: 0,
  millisLeft: null,
  workspaceBytes: 0,
  budgetBytes: 0,
  anonymousBytes: null,
  error: null,
};

/** Keeps the account of a run and reports it, at most ten times a second and at every change of state. */
export class ProgressMeter {
  readonly #report: (progress: Progress) => void;
  readonly #budget: MemoryBudget;
  readonly #started = performance.now();
  #progress: Progress = IDLE;
  #reported = -Infinity;
  #flops = 0;
  #secondsPlanned = 0;
  #secondsDone = 0;

  constructor(budget: MemoryBudget, report: (progress: Progress) => void) {
    this.#budget = budget;
    this.#report = report;
  }

  get progress(): Progress {
    return this.#progress;
  }

  state(state: Progress['state'], error: unknown = null): void {
    const body = error instanceof PolarimeterError ? error.body : null;
    this.#progress = { ...this.#progress, state, error: body };
    if (state !== 'running' && state !== 'planning')
      this.#progress = { ...this.#progress, tensor: null, stage: null };
    this.#send();
  }

  /** @param seconds expected single-thread time of everything */
  planned(total: number, seconds: number): void {
    this.#secondsPlanned = seconds;
    this.#progress = { ...this.#progress, total };
  }

  stage(tensor: string, stage: Progress['stage']): void {
    this.#progress = { ...this.#progress, tensor, stage };
    this.#sendSometimes();
  }

  worked(work: { bytes?: number; flops?: number }): void {
    this.#flops += work.flops ?? 0;
    this.#progress = { ...this.#progress, bytesRead: this.#progress.bytesRead + (work.bytes ?? 0) };
    this.#sendSometimes();
  }

  /** One tensor is finished. */
  finished(seconds: number, how: { cached: boolean; skipped: boolean; overBudget: boolean }): void {
    this.#secondsDone += seconds;
    const { done, cached, skipped, overBudget } = this.#progress;
    this.#progress = {
      ...this.#progress,
      done: done + 1,
      cached: cached + (how.cached ? 1 : 0),
      skipped: skipped + (how.skipped ? 1 : 0),
      overBudget: overBudget + (how.overBudget ? 1 : 0),
    };
    if (how.cached) this.#secondsPlanned -= seconds;
    if (how.cached) this.#secondsDone -= seconds;
    this.#sendSometimes();
  }

  #sendSometimes(): void {
    if (performance.now() - this.#reported >= INTERVAL_MILLIS) this.#send();
  }

  #send(): void {
    const millisElapsed = performance.now() - this.#started;
    const seconds = Math.max(millisElapsed / 1000, 1e-9);
    const share = this.#secondsPlanned > 0 ? this.#secondsDone / this.#secondsPlanned : 0;
    this.#progress = {
      ...this.#progress,
      bytesPerSecond: this.#progress.bytesRead / seconds,
      flopsPerSecond: this.#flops / seconds,
      millisElapsed,
      millisLeft: share > 0.005 ? millisElapsed * (1 / share - 1) : null,
      workspaceBytes: this.#budget.used,
      budgetBytes: this.#budget.capacity,
      anonymousBytes: anonymousBytes(),
    };
    this.#reported = performance.now();
    this.#report(this.#progress);
  }
}
