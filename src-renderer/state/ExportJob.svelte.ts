import type { ExportState } from '../../src-main/contract/exportState.ts';
import type { ExportTrial } from '../../src-main/contract/sweep.ts';
import type { LabClient } from '../api/LabClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';

/** The export of a sweep: the engine writes one at a time, and goes on whatever the page shows. */
export class ExportJob {
  readonly #client: Pick<LabClient, 'export' | 'cancelExport'>;
  readonly #sweep: string;
  /** The last one, running or ended, until it is forgotten. */
  state = $state.raw<ExportState | null>(null);
  /** Why it could not be started or cancelled. */
  refused = $state.raw<Problem | null>(null);
  isAsking = $state(false);

  readonly isRunning = $derived(this.state?.state === 'running' || this.state?.state === 'cancelling');

  constructor(client: Pick<LabClient, 'export' | 'cancelExport'>, sweep: string) {
    this.#client = client;
    this.#sweep = sweep;
  }

  /** That of a trial. */
  of(trial: string): ExportState | null {
    return this.state?.request.trial === trial ? this.state : null;
  }

  follow(state: ExportState): void {
    this.state = state;
  }

  async start(request: ExportTrial): Promise<void> {
    await this.#ask(async () => {
      const begun = await this.#client.export(this.#sweep, request);
      // An event of this export that came before the reply is newer.
      if (this.state?.started !== begun.started) this.state = begun;
    });
  }

  async cancel(): Promise<void> {
    await this.#ask(async () => {
      await this.#client.cancelExport(this.#sweep);
    });
  }

  /** What has ended is no longer shown. */
  forget(): void {
    this.refused = null;
    if (!this.isRunning) this.state = null;
  }

  async #ask(work: () => Promise<void>): Promise<void> {
    this.isAsking = true;
    this.refused = null;
    try {
      await work();
    } catch (error) {
      this.refused = problemOf(error);
    } finally {
      this.isAsking = false;
    }
  }
}
