import type { SweepDocument, SweepProgress, TrialResult } from '../../src-main/contract/sweep.ts';
import { shellWord } from '../../src-main/contract/shellWord.ts';
import { trialDistance } from '../../src-main/figures/trialDistance.ts';
import { trialForest } from '../../src-main/figures/trialForest.ts';
import { gridFamilies, trialGrid } from '../../src-main/figures/trialGrid.ts';
import { trialSubject, type TrialScale, type TrialSubject } from '../../src-main/figures/trialSubject.ts';
import type { LabClient } from '../api/LabClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { watchSweep } from '../api/watchSweep.ts';
import { ExportJob } from './ExportJob.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

const RUNNING: readonly SweepProgress['state'][] = ['running', 'cancelling'];

/** One sweep on screen: how it stands, what came out, and what is looked at of it. */
export class SweepState {
  readonly id: string;
  readonly #client: LabClient;
  readonly #study: StudyState;
  #revision: number | null = null;
  #isAsking = false;
  readonly exporting: ExportJob;
  document = $state.raw<SweepDocument | null>(null);
  progress = $state.raw<SweepProgress | null>(null);
  problem = $state.raw<Problem | null>(null);
  connection = $state.raw<Problem | null>(null);
  scale = $state<TrialScale>('recovery');
  chosenProbe = $state<string | null>(null);
  chosenFamily = $state<string | null>(null);
  selectedId = $state<string | null>(null);

  readonly isRunning = $derived(this.progress !== null && RUNNING.includes(this.progress.state));
  readonly subject: TrialSubject | null = $derived.by(() =>
    this.document ? trialSubject(this.document, this.#study.allStyles, this.scale) : null,
  );
  /** The probe that the forest, the grid and the detail are of. */
  readonly probe: string = $derived.by(() => {
    const probes = this.subject?.probes ?? [];
    return probes.find(({ name }) => name === this.chosenProbe)?.name ?? probes[0]?.name ?? '';
  });
  readonly families: readonly string[] = $derived.by(() => (this.subject ? gridFamilies(this.subject) : []));
  readonly family: string | null = $derived.by(
    () =>
      this.families.find((family) => family === this.chosenFamily) ??
      this.families.find((family) => family === 'restore') ??
      this.families[0] ??
      null,
  );
  readonly distance = $derived.by(() => (this.subject ? trialDistance(this.subject) : null));
  readonly forest = $derived.by(() => (this.subject ? trialForest(this.subject, this.probe) : null));
  readonly grid = $derived.by(() =>
    this.subject && this.family !== null ? trialGrid(this.subject, this.family, this.probe) : null,
  );
  readonly hasAnswers = $derived.by(
    () => this.document?.results.some(({ probes }) => probes.length > 0) ?? false,
  );
  readonly selected: TrialResult | null = $derived.by(
    () => this.document?.results.find(({ trial }) => trial.id === this.selectedId) ?? null,
  );
  /** The command line that does the same. */
  readonly command: string = $derived.by(() =>
    this.document === null
      ? ''
      : ['polarimeter', 'sweep', `${this.document.folder}/sweep.json`].map(shellWord).join(' '),
  );

  constructor(client: LabClient, study: StudyState, id: string) {
    this.#client = client;
    this.#study = study;
    this.id = id;
    this.exporting = new ExportJob(client, id);
  }

  /** Follows it until the returned function is called. */
  watch(): () => void {
    const leaving = new AbortController();
    void this.load();
    void watchSweep(
      this.#client,
      this.id,
      {
        onProgress: (progress) => (this.progress = progress),
        onResults: (revision) => {
          if (this.#revision !== null && revision !== this.#revision) void this.load();
          this.#revision = revision;
        },
        onExport: (state) => this.exporting.follow(state),
        onConnection: (problem) => (this.connection = problem),
      },
      leaving.signal,
    );
    return () => leaving.abort();
  }

  /** Asks for the results; while an answer is awaited, the next question waits for it. */
  async load(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const asked = this.#revision;
    await this.#attempt(async () => {
      this.document = await this.#client.document(this.id);
      this.progress ??= this.document.progress;
    });
    this.#isAsking = false;
    if (asked !== null && asked !== this.#revision) void this.load();
  }

  async run(): Promise<void> {
    await this.#attempt(async () => {
      this.progress = await this.#client.run(this.id);
    });
  }

  async cancel(): Promise<void> {
    await this.#attempt(async () => {
      await this.#client.cancel(this.id);
    });
  }

  /** Shows a trial, or none when it is shown already. */
  select(trial: string | null): void {
    this.selectedId = this.selectedId === trial ? null : trial;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }
}
