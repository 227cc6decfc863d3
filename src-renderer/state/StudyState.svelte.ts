import { SvelteSet } from 'svelte/reactivity';
import { variantStyles, type VariantStyle } from '../../src-main/figures/variantStyle.ts';
import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import { normMatchedInfo } from '../../src-main/contract/normMatched.ts';
import type { RowsQuery, StudyView } from '../../src-main/contract/routes.ts';
import type { LogLine } from '../../src-main/contract/runLog.ts';
import type { Progress } from '../../src-main/contract/study.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { watchProgress } from '../api/watchProgress.ts';
import { ResumePolicy } from './ResumePolicy.ts';
import { RunHistory } from './RunHistory.svelte.ts';
import { Selection } from './Selection.svelte.ts';

const RUNNING: readonly Progress['state'][] = ['planning', 'running', 'cancelling'];
/** While a run goes on, pages are told of new results at most this often. */
const REVISION_MILLIS = 1500;

/** One study on screen: what it is, how its run stands, and what all its pages have in common. What a single page shows has a state of its own. */
export class StudyState {
  readonly id: string;
  readonly client: ApiClient;
  readonly selection = new Selection();
  readonly history = new RunHistory();
  readonly #leaving = new AbortController();
  readonly #resumePolicy = new ResumePolicy();
  #limits: { memoryBytes: number | null; threads: number | null } = { memoryBytes: null, threads: null };
  #nextRevision = 0;
  #doneAtRevision = 0;

  view = $state.raw<StudyView | null>(null);
  progress = $state.raw<Progress | null>(null);
  /** Counts up when there are new results; pages that show results ask again then. */
  revision = $state(0);
  /** Values per unit of relative update norm, where a measure grows with it. */
  perNorm = $state(false);
  /** Labels of variants that are left out of every page. */
  readonly hidden = new SvelteSet<string>();
  problem = $state.raw<Problem | null>(null);
  connection = $state.raw<Problem | null>(null);

  readonly isRunning = $derived(this.progress !== null && RUNNING.includes(this.progress.state));
  /** Why nothing can be run now; null where it can, or runs already. */
  readonly hindrance: string | null = $derived.by(() => {
    const runner = this.progress?.runner ?? null;
    if (runner !== null) return `Process ${String(runner)} runs this study: wait for it, or end it.`;
    return this.view?.estimate === null ? 'The native core is missing: type `npm run setup`.' : null;
  });
  /** All variants in the order in which they are shown. */
  readonly allStyles: readonly VariantStyle[] = $derived(variantStyles(this.view?.file.variants ?? []));
  readonly styles: readonly VariantStyle[] = $derived(
    this.allStyles.filter(({ label }) => !this.hidden.has(label)),
  );
  readonly measures: readonly MeasureInfo[] = $derived.by(() => {
    const measures = this.view?.measures ?? [];
    return this.perNorm ? measures.map(normMatchedInfo) : measures;
  });
  /** For queries of rows; see RowsQuery. */
  readonly per: RowsQuery['per'] = $derived(this.perNorm ? ['update-norm'] : []);
  /** "over layers 3 to 7, 12 of 73 tensors so far": numbers over a part of the model must not read like numbers over all of it. */
  readonly scope = $derived.by(() => {
    const { done = 0, total = 0 } = this.progress ?? {};
    const { isEmpty, words } = this.selection;
    const soFar = `${String(done)} of ${String(total)} tensors so far`;
    if (done < total) return isEmpty ? `over ${soFar}` : `over ${words}, ${soFar}`;
    return `over ${words}`;
  });

  constructor(client: ApiClient, id: string) {
    this.client = client;
    this.id = id;
    void this.load();
  }

  leave(): void {
    this.#leaving.abort();
  }

  /** Progress comes by the event stream alone: the reply of a call may be older than the last event. */
  async run(limits: { memoryBytes: number | null; threads: number | null }): Promise<void> {
    this.#limits = limits;
    await this.#attempt(async () => {
      await this.client.run(this.id, limits);
    });
  }

  async cancel(): Promise<void> {
    await this.#attempt(async () => {
      await this.client.cancel(this.id);
    });
  }

  /** Shows the study as an edit has left it; results are asked for again under their new labels. */
  adopt(view: StudyView): void {
    this.view = view;
    this.progress = view.progress;
    for (const label of this.hidden)
      if (!view.variants.some((variant) => variant.label === label)) this.hidden.delete(label);
    this.revision++;
  }

  /** Shows or hides a variant; the last one stays. */
  toggle(label: string): void {
    if (this.hidden.has(label)) this.hidden.delete(label);
    else if (this.styles.length > 1) this.hidden.add(label);
  }

  /** Asks for the study and follows its run; again after a failure. */
  async load(): Promise<void> {
    await this.#attempt(async () => {
      this.view = await this.client.view(this.id);
      this.progress = this.view.progress;
      const watcher = {
        onProgress: (progress: Progress): void => this.#follow(progress),
        onLog: (lines: readonly LogLine[], isReplay: boolean): void => this.history.log(lines, isReplay),
        onStudy: (revision: number): void => {
          if (revision !== this.view?.revision) void this.#renew();
        },
        onConnection: (problem: Problem | null): void => {
          this.connection = problem;
        },
      };
      void watchProgress(this.client, this.id, watcher, this.#leaving.signal);
    });
  }

  #follow(progress: Progress): void {
    const wasRunning = this.isRunning;
    this.progress = progress;
    this.history.sample(progress);
    if (this.#resumePolicy.resumesAfter(progress)) void this.run(this.#limits);
    if (this.isRunning) this.#reviseSometimes(progress.done);
    else if (wasRunning) void this.#renew();
  }

  /** After a run, and when another page or another program edited the study or ran it. */
  async #renew(): Promise<void> {
    this.revision++;
    await this.#attempt(async () => {
      this.view = await this.client.view(this.id);
    });
  }

  #reviseSometimes(done: number): void {
    const now = performance.now();
    if (now < this.#nextRevision || done === this.#doneAtRevision) return;
    this.#doneAtRevision = done;
    this.#nextRevision = now + REVISION_MILLIS;
    this.revision++;
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
