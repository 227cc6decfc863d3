import type { Progress, Stage, StageWork } from '../contract/study.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { anonymousBytes } from './limits.ts';
import type { MemoryBudget } from '../kernels/MemoryBudget.ts';
import { StageClock } from './StageClock.ts';

const INTERVAL_MILLIS = 100;
/** A long decomposition reports nothing by itself: time and memory are shown all the same. */
const BEAT_MILLIS = 1000;

const NO_WORK: StageWork = { millis: 0, tensors: 0, bytes: 0, flops: 0 };

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
  inFlight: [],
  stages: {
    make: NO_WORK,
    hash: NO_WORK,
    elements: NO_WORK,
    decompose: NO_WORK,
    angles: NO_WORK,
    store: NO_WORK,
  },
  bytesRead: 0,
  bytesPerSecond: 0,
  flopsPerSecond: 0,
  millisElapsed: 0,
  millisLeft: null,
  workspaceBytes: 0,
  budgetBytes: 0,
  anonymousBytes: null,
  runner: null,
  error: null,
};

const GOING_ON: ReadonlySet<Progress['state']> = new Set(['planning', 'running']);

/**
 * Keeps the account of a run and reports it, at most ten times a second and at every change of state. Dispose it when the run has
 * ended.
 */
export class ProgressMeter implements Disposable {
  readonly #report: (progress: Progress) => void;
  readonly #budget: MemoryBudget;
  readonly #started = performance.now();
  readonly #clock = new StageClock();
  readonly #beat: NodeJS.Timeout;
  #progress: Progress = IDLE;
  #reported = -Infinity;
  #secondsPlanned = 0;
  #secondsDone = 0;

  constructor(budget: MemoryBudget, report: (progress: Progress) => void) {
    this.#budget = budget;
    this.#report = report;
    this.#beat = setInterval(() => {
      if (performance.now() - this.#reported >= BEAT_MILLIS) this.#send();
    }, BEAT_MILLIS).unref();
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** The tensors that are being computed. */
  get inFlight(): readonly string[] {
    return this.#clock.inFlight;
  }

  get millisElapsed(): number {
    return performance.now() - this.#started;
  }

  state(state: Progress['state'], error: unknown = null): void {
    const body = error instanceof PolarimeterError ? error.body : null;
    this.#progress = { ...this.#progress, state, error: body };
    if (!GOING_ON.has(state)) {
      this.#clock.endAll();
      this.#progress = { ...this.#progress, tensor: null, stage: null };
    }
    this.#send();
  }

  /** @param seconds expected single-thread time of everything */
  planned(total: number, seconds: number): void {
    this.#secondsPlanned = seconds;
    this.#progress = { ...this.#progress, total };
  }

  /** A tensor is begun. */
  begin(tensor: string): void {
    this.#clock.begin(tensor);
  }

  /** What is done with a tensor from now on; null while it waits. */
  stage(tensor: string, stage: Stage | null): void {
    this.#clock.enter(tensor, stage);
    if (stage !== null) this.#progress = { ...this.#progress, tensor, stage };
    this.#sendSometimes();
  }

  worked(tensor: string, work: { bytes?: number; flops?: number }): void {
    this.#clock.worked(tensor, work);
    this.#sendSometimes();
  }

  /** Tensors of a recipe are made from now on. */
  making(label: string): void {
    this.stage(label, 'make');
    this.#send();
  }

  /** One of them is there. */
  made(label: string, { tensor, bytes }: { tensor: string; bytes: number }): void {
    this.#clock.worked(label, { bytes });
    this.#clock.finish(label);
    this.#clock.enter(label, 'make');
    this.#progress = { ...this.#progress, tensor };
    this.#sendSometimes();
  }

  /** Nothing more of the recipe is made. */
  madeAll(label: string): void {
    this.#clock.abandon(label);
    this.#progress = { ...this.#progress, tensor: null, stage: null };
    this.#sendSometimes();
  }

  /** A tensor is finished. Returns the milliseconds since it was begun. */
  finished(
    tensor: string,
    seconds: number,
    how: { cached: boolean; skipped: boolean; overBudget: boolean },
  ): number {
    const millis = this.#clock.finish(tensor);
    if (how.cached) this.#secondsPlanned -= seconds;
    else this.#secondsDone += seconds;
    const { done, cached, skipped, overBudget } = this.#progress;
    this.#progress = {
      ...this.#progress,
      done: done + 1,
      cached: cached + (how.cached ? 1 : 0),
      skipped: skipped + (how.skipped ? 1 : 0),
      overBudget: overBudget + (how.overBudget ? 1 : 0),
    };
    this.#sendSometimes();
    return millis;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beat);
  }

  #sendSometimes(): void {
    if (performance.now() - this.#reported >= INTERVAL_MILLIS) this.#send();
  }

  #send(): void {
    const { millisElapsed } = this;
    const seconds = Math.max(millisElapsed / 1000, 1e-9);
    const share = this.#secondsPlanned > 0 ? this.#secondsDone / this.#secondsPlanned : 0;
    const { bytes, flops } = this.#clock.total();
    this.#progress = {
      ...this.#progress,
      inFlight: [...this.#clock.inFlight],
      stages: this.#clock.stages(),
      bytesRead: bytes,
      bytesPerSecond: bytes / seconds,
      flopsPerSecond: flops / seconds,
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
