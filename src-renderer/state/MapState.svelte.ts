import {
  heatmapGrid,
  pairedLabels,
  rowsWith,
  type HeatmapGrid,
} from '../../src-main/figures/heatmapPanels.ts';
import { heatmapScale, suggestsLog, type HeatmapScale } from '../../src-main/figures/heatmapScale.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** One measure of every tensor, layer by module, for each variant on one scale. */
export class MapState {
  readonly #study: StudyState;
  readonly rows = new Fetched<readonly Row[]>();
  chosenMeasure = $state<string | null>(null);
  logChoice = $state<boolean | null>(null);
  partner = $state<string | null>(null);

  readonly measure = $derived.by(() => {
    const { measures } = this.#study;
    return (
      measures.find(({ id }) => id === this.chosenMeasure) ??
      measures.find(({ headline }) => headline) ??
      measures[0] ??
      null
    );
  });
  /** The other variants of a measure of pairs, in order; empty for measures of one variant. */
  readonly partners: readonly string[] = $derived.by(() =>
    pairedLabels(this.rows.value ?? [], this.#study.styles),
  );
  readonly chosenPartner = $derived(
    this.partner !== null && this.partners.includes(this.partner) ? this.partner : (this.partners[0] ?? null),
  );
  readonly grid: HeatmapGrid = $derived.by(() => {
    const { styles, view } = this.#study;
    const rows = this.rows.value ?? [];
    return heatmapGrid({
      rows: this.chosenPartner === null ? rows : rowsWith(this.chosenPartner, rows, styles),
      styles,
      layers: view?.layers ?? [],
      modules: view?.modules ?? [],
    });
  });
  readonly isLog = $derived(this.logChoice ?? suggestsLog(this.grid));
  readonly scale: HeatmapScale | null = $derived(heatmapScale(this.grid, this.isLog));

  constructor(study: StudyState) {
    this.#study = study;
  }

  show(measure: string): void {
    this.chosenMeasure = measure;
    this.logChoice = null;
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    const { client, id, per, perNorm, revision } = this.#study;
    const { measure } = this;
    if (!measure) return;
    void this.rows.follow(`${measure.id} ${String(perNorm)}`, revision, () =>
      client.rows(id, { level: ['tensor'], measure: [measure.id], per }),
    );
  }
}
