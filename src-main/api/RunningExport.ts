import type { ExportProgress, ExportState } from '../contract/exportState.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { ExportTrial } from '../contract/sweep.ts';
import { wireError } from './errorReply.ts';
import type { EngineSweep } from './SweepEngine.ts';

export interface ExportParts {
  readonly sweep: Pick<EngineSweep, 'export'>;
  readonly onState: (state: ExportState) => void;
  readonly log: (message: string) => void;
}

/** One export of a trial, from its start to its end. */
export class RunningExport {
  readonly #parts: ExportParts;
  readonly #abort = new AbortController();
  #state: ExportState;
  readonly ended: Promise<void>;

  constructor(request: ExportTrial, parts: ExportParts) {
    this.#parts = parts;
    const nothing = { done: 0, total: 0, exported: null, error: null };
    this.#state = { request, started: Date.now(), state: 'running', stage: 'pin', ...nothing };
    this.ended = this.#execute(request);
  }

  get state(): ExportState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state.state === 'running' || this.#state.state === 'cancelling';
  }

  cancel(): ExportState {
    if (this.#state.state === 'running') {
      this.#announce({ state: 'cancelling' });
      this.#abort.abort();
    }
    return this.#state;
  }

  async #execute(request: ExportTrial): Promise<void> {
    const onProgress = (progress: ExportProgress): void => this.#announce(progress);
    try {
      const exported = await this.#parts.sweep.export(request, { signal: this.#abort.signal, onProgress });
      this.#announce({ state: 'done', exported });
    } catch (error) {
      const isCancelled = error instanceof PolarimeterError && error.code === 'cancelled';
      this.#announce(
        isCancelled
          ? { state: 'cancelled' }
          : { state: 'failed', error: wireError(error, this.#parts.log).body },
      );
    }
  }

  #announce(change: Partial<ExportState>): void {
    this.#state = { ...this.#state, ...change };
    this.#parts.onState(this.#state);
  }
}
