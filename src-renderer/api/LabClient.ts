import { StudyId } from '../../src-main/contract/routes.ts';
import { ExportState } from '../../src-main/contract/exportState.ts';
import {
  type ExportTrial,
  LabView,
  SweepDocument,
  type SweepFile,
  SweepPlan,
  SweepProgress,
} from '../../src-main/contract/sweep.ts';
import type { ApiClient } from './ApiClient.ts';

/** The sweeps of one study. */
export class LabClient {
  readonly #client: ApiClient;
  readonly #study: string;

  constructor(client: ApiClient, study: string) {
    this.#client = client;
    this.#study = `/api/studies/${study}`;
  }

  view(): Promise<LabView> {
    return this.#client.get(`${this.#study}/lab`, LabView);
  }

  /** The trials of a sweep and what they cost; nothing is made. */
  plan(file: SweepFile): Promise<SweepPlan> {
    return this.#client.post(`${this.#study}/sweeps/plan`, SweepPlan, { file });
  }

  async create(file: SweepFile): Promise<string> {
    return (await this.#client.post(`${this.#study}/sweeps`, StudyId, { file })).id;
  }

  document(sweep: string): Promise<SweepDocument> {
    return this.#client.get(this.#sweep(sweep), SweepDocument);
  }

  run(sweep: string): Promise<SweepProgress> {
    return this.#client.post(`${this.#sweep(sweep)}/run`, SweepProgress);
  }

  cancel(sweep: string): Promise<SweepProgress> {
    return this.#client.post(`${this.#sweep(sweep)}/cancel`, SweepProgress);
  }

  /** Starts to write a trial; the stream tells how it goes on. */
  export(sweep: string, request: ExportTrial): Promise<ExportState> {
    return this.#client.post(`${this.#sweep(sweep)}/export`, ExportState, request);
  }

  cancelExport(sweep: string): Promise<ExportState> {
    return this.#client.post(`${this.#sweep(sweep)}/export/cancel`, ExportState);
  }

  /** The open stream of a sweep; see watchSweep. */
  events(sweep: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.#client.stream(`${this.#sweep(sweep)}/events`, signal);
  }

  #sweep(id: string): string {
    return `${this.#study}/sweeps/${encodeURIComponent(id)}`;
  }
}
