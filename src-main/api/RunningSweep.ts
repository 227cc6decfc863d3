import { PolarimeterError } from '../contract/errors.ts';
import type { ExportState } from '../contract/exportState.ts';
import type { ExportTrial, SweepDocument, SweepProgress } from '../contract/sweep.ts';
import { wireError } from './errorReply.ts';
import { RunningExport } from './RunningExport.ts';
import type { EngineSweep } from './SweepEngine.ts';

export interface SweepListener {
  readonly onProgress: (progress: SweepProgress) => void;
  readonly onResults: (revision: number) => void;
  readonly onExport: (state: ExportState) => void;
  /** There will be no more events. */
  readonly onEnd: () => void;
}

/** An open sweep, its run if there is one, and everyone who watches it. */
export class RunningSweep {
  readonly #sweep: EngineSweep;
  readonly #log: (message: string) => void;
  readonly #listeners = new Set<SweepListener>();
  #told: SweepProgress;
  /** Of the last run here; null where the folder knows how it ended. */
  #failure: SweepProgress | null = null;
  /** Its comparisons take a while: they are made once for each change. */
  #document: SweepDocument | null = null;
  /** Counts from the time of opening, so that no two launches give the same number to two states. */
  #revision = Date.now();
  #abort: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  #export: RunningExport | null = null;

  constructor(sweep: EngineSweep, log: (message: string) => void) {
    this.#sweep = sweep;
    this.#log = log;
    this.#told = sweep.progress;
  }

  document(): SweepDocument {
    this.follow();
    this.#document ??= this.#sweep.document();
    return { ...this.#document, progress: this.#told };
  }

  latest(): { progress: SweepProgress; revision: number; exported: ExportState | null } {
    return { progress: this.#told, revision: this.#revision, exported: this.#export?.state ?? null };
  }

  subscribe(listener: SweepListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells listeners what other processes did to the sweep meanwhile. */
  follow(): void {
    if (this.#abort || this.#failure) return;
    const { progress } = this.#sweep;
    if (JSON.stringify(progress) === JSON.stringify(this.#told)) return;
    this.#announce(progress);
    this.#changed();
  }

  /** Starts or resumes it; one that runs already goes on as it is. */
  run(): SweepProgress {
    if (this.#abort) return this.#told;
    const abort = new AbortController();
    this.#abort = abort;
    this.#failure = null;
    this.#announce({ ...this.#sweep.progress, state: 'running', error: null });
    this.#running = this.#execute(abort.signal);
    return this.#told;
  }

  cancel(): SweepProgress {
    if (this.#abort && !this.#abort.signal.aborted) {
      this.#announce({ ...this.#told, state: 'cancelling' });
      this.#abort.abort();
    }
    return this.#told;
  }

  /** Starts to write a trial. fails export-busy */
  export(request: ExportTrial): ExportState {
    if (this.#export?.isRunning) {
      const { path } = this.#export.state.request;
      throw new PolarimeterError('export-busy', 'another export of this sweep is being written', path);
    }
    this.#export = new RunningExport(request, {
      sweep: this.#sweep,
      onState: (state) => {
        for (const listener of [...this.#listeners]) listener.onExport(state);
      },
      log: this.#log,
    });
    return this.#export.state;
  }

  cancelExport(): ExportState {
    if (!this.#export) throw new PolarimeterError('usage', 'nothing of this sweep is being exported');
    return this.#export.cancel();
  }

  async close(): Promise<void> {
    this.cancel();
    this.#export?.cancel();
    await Promise.all([this.#running, this.#export?.ended]);
    for (const listener of [...this.#listeners]) listener.onEnd();
    this.#sweep[Symbol.dispose]();
  }

  async #execute(signal: AbortSignal): Promise<void> {
    const onProgress = (progress: SweepProgress): void =>
      this.#announce(
        signal.aborted && progress.state === 'running' ? { ...progress, state: 'cancelling' } : progress,
      );
    try {
      this.#settle(await this.#sweep.run({ signal, onProgress, onResult: () => this.#changed() }));
    } catch (error) {
      this.#settle(this.#failed(error));
    }
  }

  #settle(last: SweepProgress): void {
    this.#abort = null;
    this.#failure = last.state === 'failed' ? last : null;
    this.#announce(last);
    this.#changed();
  }

  #failed(error: unknown): SweepProgress {
    const ended = { ...this.#told, doing: null, millisLeft: null };
    if (error instanceof PolarimeterError && error.code === 'cancelled')
      return { ...ended, state: 'cancelled' };
    return { ...ended, state: 'failed', error: wireError(error, this.#log).body };
  }

  #announce(progress: SweepProgress): void {
    this.#told = progress;
    for (const listener of [...this.#listeners]) listener.onProgress(progress);
  }

  #changed(): void {
    this.#document = null;
    this.#revision += 1;
    for (const listener of [...this.#listeners]) listener.onResults(this.#revision);
  }
}
