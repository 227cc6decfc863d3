import type { StudySummary, StudyView } from '../contract/routes.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { CostEstimate, Progress, RunLimits } from '../contract/study.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { IDLE } from '../study/ProgressMeter.ts';
import type { Study } from '../study/Study.ts';
import { wireError } from './errorReply.ts';
import type { RecentStudies, RecentStudy } from './RecentStudies.ts';
import { studyView } from './studyView.ts';

interface Listener {
  readonly onProgress: (progress: Progress) => void;
  readonly onEnd: () => void;
}

interface Surroundings {
  readonly kernels: () => Kernels;
  readonly defaultLimits: () => RunLimits;
  readonly recent: RecentStudies;
  readonly log: (message: string) => void;
}

/** An open study, its run if there is one, and everyone who watches it. */
export class RunningStudy {
  readonly id: string;
  readonly study: Study;
  readonly #surroundings: Surroundings;
  readonly #listeners = new Set<Listener>();
  #progress: Progress;
  #abort: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(id: string, study: Study, surroundings: Surroundings) {
    this.id = id;
    this.study = study;
    this.#surroundings = surroundings;
    this.#progress = this.#progressBefore();
  }

  latest(): Progress {
    return this.#progress;
  }

  /** How many listen. */
  get watchers(): number {
    return this.#listeners.size;
  }

  subscribe(onProgress: (progress: Progress) => void, onEnd: () => void): () => void {
    const listener = { onProgress, onEnd };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  run(kernels: Kernels, limits: RunLimits): Progress {
    if (this.#abort) return this.#progress;
    const abort = new AbortController();
    this.#abort = abort;
    this.#announce({ ...this.#progress, state: 'planning', budgetBytes: limits.memoryBytes, error: null });
    this.#running = this.#execute(kernels, limits, abort.signal);
    return this.#progress;
  }

  cancel(): Progress {
    if (this.#abort && !this.#abort.signal.aborted) {
      this.#announce({ ...this.#progress, state: 'cancelling' });
      this.#abort.abort();
    }
    return this.#progress;
  }

  summary(): StudySummary {
    const { name, variants } = this.study.file;
    const labels = variants.map((variant) => variant.label);
    return { id: this.id, name, folder: this.study.folder, variants: labels, state: this.#progress.state };
  }

  view(): StudyView {
    return studyView(this.id, this.study, { progress: this.#progress, estimate: this.#estimate() });
  }

  async close(): Promise<void> {
    this.cancel();
    await this.#running;
    for (const listener of [...this.#listeners]) listener.onEnd();
    this.study[Symbol.dispose]();
  }

  /** The state that is worth remembering: a run in progress counts as not finished. */
  settledState(): RecentStudy['state'] {
    const { state } = this.#progress;
    return state === 'done' || state === 'cancelled' || state === 'failed' ? state : 'idle';
  }

  async #execute(kernels: Kernels, limits: RunLimits, signal: AbortSignal): Promise<void> {
    const onProgress = (progress: Progress): void => {
      this.#announce(
        signal.aborted && progress.state === 'running' ? { ...progress, state: 'cancelling' } : progress,
      );
    };
    try {
      const last = await this.study.run(kernels, { limits, signal, onProgress });
      this.#settle(last);
    } catch (error) {
      this.#settle(this.#failed(error));
    }
  }

  #settle(last: Progress): void {
    this.#abort = null;
    this.#announce(last);
    this.#surroundings.recent.note({ folder: this.study.folder, state: this.settledState() });
  }

  #failed(error: unknown): Progress {
    const ended = { ...this.#progress, tensor: null, stage: null, millisLeft: null };
    if (error instanceof PolarimeterError && error.code === 'cancelled')
      return { ...ended, state: 'cancelled' };
    return { ...ended, state: 'failed', error: wireError(error, this.#surroundings.log).body };
  }

  #announce(progress: Progress): void {
    this.#progress = progress;
    for (const listener of [...this.#listeners]) listener.onProgress(progress);
  }

  /** Null where the native core, which knows its workspace, is missing. */
  #estimate(): CostEstimate | null {
    try {
      return this.study.estimate(this.#surroundings.kernels(), this.#surroundings.defaultLimits());
    } catch (error) {
      if (error instanceof PolarimeterError && error.code === 'engine-missing') return null;
      throw error;
    }
  }

  #progressBefore(): Progress {
    const { tensors, cached } = this.#estimate() ?? { tensors: 0, cached: 0 };
    const budgetBytes = this.#surroundings.defaultLimits().memoryBytes;
    const state = tensors > 0 && cached === tensors ? 'done' : 'idle';
    return { ...IDLE, state, done: cached, total: tensors, cached, budgetBytes };
  }
}
