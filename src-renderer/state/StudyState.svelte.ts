import {
  heatmapGrid,
  pairedLabels,
  rowsWith,
  type HeatmapGrid,
} from '../../src-main/figures/heatmapPanels.ts';
import { heatmapScale, suggestsLog, type HeatmapScale } from '../../src-main/figures/heatmapScale.ts';
import { variantStyles, type VariantStyle } from '../../src-main/figures/variantStyle.ts';
import type { ClaimsDocument } from '../../src-main/contract/claim.ts';
import type { Alignment } from '../../src-main/contract/alignment.ts';
import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import { normMatchedInfo } from '../../src-main/contract/normMatched.ts';
import type { RowsQuery, StudyView } from '../../src-main/contract/routes.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import type { Progress } from '../../src-main/contract/study.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { watchProgress } from '../api/watchProgress.ts';
import { ResumePolicy } from './ResumePolicy.ts';

const RUNNING: readonly Progress['state'][] = ['planning', 'running', 'cancelling'];
/** While a run goes on, stored results are asked for again at most this often, and never for more than a fifth of the time. */
const REFRESH_MILLIS = 1500;
const REFRESH_SHARE = 5;

/** One study on screen: what it is, how its run stands, and the rows that are shown. */
export class StudyState {
  readonly id: string;
  readonly #client: ApiClient;
  readonly #leaving = new AbortController();
  #nextRefresh = 0;
  #isRefreshing = false;
  #refreshedDone = 0;
  #mapRequest = 0;
  #overviewRequest = 0;
  #claimsRequest = 0;
  readonly #resumePolicy = new ResumePolicy();
  #limits: { memoryBytes: number | null; threads: number | null } = { memoryBytes: null, threads: null };

  view = $state.raw<StudyView | null>(null);
  progress = $state.raw<Progress | null>(null);
  /** Rows over the whole model, of the measures of the overview; null until they are there. */
  overall = $state.raw<readonly Row[] | null>(null);
  showsAllMeasures = $state(false);
  /** Values per unit of relative update norm, where a measure grows with it. */
  perNorm = $state(false);
  /** Rows per tensor, of the mapped measure; null until they are there. */
  mapRows = $state.raw<readonly Row[] | null>(null);
  mapMeasureId = $state<string | null>(null);
  logChoice = $state<boolean | null>(null);
  partner = $state<string | null>(null);
  alignments = $state.raw<readonly Alignment[] | null>(null);
  /** What the stored results say about published claims; as of the end of the last run. */
  claims = $state.raw<ClaimsDocument | null>(null);
  problem = $state.raw<Problem | null>(null);
  connection = $state.raw<Problem | null>(null);

  readonly isRunning = $derived(this.progress !== null && RUNNING.includes(this.progress.state));
  readonly styles: readonly VariantStyle[] = $derived(variantStyles(this.view?.file.variants ?? []));
  readonly measures: readonly MeasureInfo[] = $derived.by(() => {
    const measures = this.view?.measures ?? [];
    return this.perNorm ? measures.map(normMatchedInfo) : measures;
  });
  readonly mapMeasure = $derived(this.measures.find(({ id }) => id === this.mapMeasureId) ?? null);
  /** The other variants of a measure of pairs, in order; empty for measures of one variant. */
  readonly partners: readonly string[] = $derived(pairedLabels(this.mapRows ?? [], this.styles));
  readonly chosenPartner = $derived(
    this.partner !== null && this.partners.includes(this.partner) ? this.partner : (this.partners[0] ?? null),
  );
  readonly overviewMeasures: readonly MeasureInfo[] = $derived(
    this.measures.filter(({ headline }) => headline || this.showsAllMeasures),
  );
  readonly grid: HeatmapGrid = $derived.by(() => {
    const rows = this.mapRows ?? [];
    return heatmapGrid({
      rows: this.chosenPartner === null ? rows : rowsWith(this.chosenPartner, rows, this.styles),
      styles: this.styles,
      layers: this.view?.layers ?? [],
      modules: this.view?.modules ?? [],
    });
  });
  readonly isLog = $derived(this.logChoice ?? suggestsLog(this.grid));
  readonly scale: HeatmapScale | null = $derived(heatmapScale(this.grid, this.isLog));

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.id = id;
    void this.#load();
  }

  leave(): void {
    this.#leaving.abort();
  }

  /** Progress comes by the event stream alone: the reply of a call may be older than the last event. */
  async run(limits: { memoryBytes: number | null; threads: number | null }): Promise<void> {
    this.#limits = limits;
    await this.#attempt(async () => {
      await this.#client.run(this.id, limits);
    });
  }

  async cancel(): Promise<void> {
    await this.#attempt(async () => {
      await this.#client.cancel(this.id);
    });
  }

  async showMeasure(id: string): Promise<void> {
    this.mapMeasureId = id;
    this.logChoice = null;
    await this.#attempt(() => this.#loadMap());
  }

  async showPerNorm(perNorm: boolean): Promise<void> {
    this.perNorm = perNorm;
    this.overall = null;
    this.mapRows = null;
    await this.#attempt(async () => {
      await Promise.all([this.#loadOverview(), this.#loadMap()]);
    });
  }

  async showAllMeasures(showsAll: boolean): Promise<void> {
    this.showsAllMeasures = showsAll;
    await this.#attempt(() => this.#loadOverview());
  }

  /** The tensors that are not compared, with their reasons; asked for once. */
  async loadAlignments(): Promise<void> {
    if (this.alignments !== null) return;
    await this.#attempt(async () => {
      this.alignments = await this.#client.alignments(this.id);
    });
  }

  async #load(): Promise<void> {
    await this.#attempt(async () => {
      const view = await this.#client.view(this.id);
      this.view = view;
      this.progress = view.progress;
      this.mapMeasureId = view.measures.find(({ headline }) => headline)?.id ?? view.measures[0]?.id ?? null;
      await this.#refresh();
      const watcher = {
        onProgress: (progress: Progress): void => this.#follow(progress),
        onStudy: (revision: number): void => this.#renew(revision),
        onConnection: (problem: Problem | null): void => {
          this.connection = problem;
        },
      };
      void watchProgress(this.#client, this.id, watcher, this.#leaving.signal);
      await this.#loadClaims();
    });
  }

  #follow(progress: Progress): void {
    const wasRunning = this.isRunning;
    this.progress = progress;
    if (this.#resumePolicy.resumesAfter(progress)) void this.run(this.#limits);
    if (this.isRunning) {
      const isDue = performance.now() >= this.#nextRefresh && progress.done !== this.#refreshedDone;
      if (isDue && !this.#isRefreshing) void this.#attempt(() => this.#refresh());
    } else if (wasRunning) {
      void this.#attempt(async () => {
        await this.#refresh();
        this.view = await this.#client.view(this.id);
        await this.#loadClaims();
      });
    }
  }

  /** Another page, or another program, edited the study or ran it. */
  #renew(revision: number): void {
    if (revision === this.view?.revision) return;
    void this.#attempt(async () => {
      this.view = await this.#client.view(this.id);
      await this.#refresh();
    });
  }

  async #refresh(): Promise<void> {
    this.#isRefreshing = true;
    this.#refreshedDone = this.progress?.done ?? 0;
    const started = performance.now();
    try {
      await Promise.all([this.#loadOverview(), this.#loadMap()]);
    } finally {
      this.#isRefreshing = false;
      const now = performance.now();
      this.#nextRefresh = now + Math.max(REFRESH_MILLIS, REFRESH_SHARE * (now - started));
    }
  }

  async #loadOverview(): Promise<void> {
    const request = ++this.#overviewRequest;
    const measure = this.overviewMeasures.map(({ id }) => id);
    const rows = await this.#client.rows(this.id, { level: ['overall'], measure, per: this.#per });
    if (request === this.#overviewRequest) this.overall = rows;
  }

  async #loadClaims(): Promise<void> {
    const request = ++this.#claimsRequest;
    const claims = await this.#client.claims(this.id);
    if (request === this.#claimsRequest) this.claims = claims;
  }

  /** A reply that comes after the next question was asked is dropped. */
  async #loadMap(): Promise<void> {
    if (this.mapMeasureId === null) return;
    const request = ++this.#mapRequest;
    const measure = [this.mapMeasureId];
    const rows = await this.#client.rows(this.id, { level: ['tensor'], measure, per: this.#per });
    if (request === this.#mapRequest) this.mapRows = rows;
  }

  get #per(): RowsQuery['per'] {
    return this.perNorm ? ['update-norm'] : [];
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
