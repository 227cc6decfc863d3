import type { MapTable } from '../../src-main/contract/map.ts';
import { aboveBaselineGrid, differenceGrid } from '../../src-main/figures/heatmapDifference.ts';
import { heatmapGrid, mapPartners, type HeatmapGrid } from '../../src-main/figures/heatmapPanels.ts';
import {
  heatmapScale,
  marginScale,
  suggestsLog,
  type HeatmapScale,
} from '../../src-main/figures/heatmapScale.ts';
import { formatQuantity, type HeatmapQuantity } from '../../src-main/figures/heatmapWords.ts';
import type { VariantStyle } from '../../src-main/figures/variantStyle.ts';
import { Fetched } from './Fetched.svelte.ts';
import { DEFAULT_CHOICES, mapChoices, mapQuery, subtrahendOf, type MapChoices } from './mapChoices.ts';
import type { PlaceQuery } from './place.ts';
import type { StudyState } from './StudyState.svelte.ts';

const EMPTY: HeatmapGrid = { columns: [], lines: [], lineName: '', panels: [] };

/** One measure of every module of every layer, for each variant on one scale, or as a difference. */
export class MapState {
  readonly #study: StudyState;
  readonly table = new Fetched<MapTable>();
  choices = $state.raw<MapChoices>(DEFAULT_CHOICES);
  #asked = '';

  /** The measure that is asked for. */
  readonly measure = $derived.by(() => {
    const { measures } = this.#study;
    return (
      measures.find(({ id }) => id === this.choices.measure) ??
      measures.find(({ headline }) => headline) ??
      measures[0] ??
      null
    );
  });
  /** The measure that is drawn: the one before, until the answer is there, so that nothing flickers. */
  readonly shown = $derived.by(() => {
    const drawn = this.table.value?.measure;
    return this.#study.measures.find(({ id }) => id === drawn) ?? this.measure;
  });
  /** Whether what is drawn is not what was asked for, because the answer is still on its way. */
  readonly isStale = $derived.by(() => {
    const { value } = this.table;
    if (!value || !this.measure) return false;
    return (
      value.measure !== this.measure.id ||
      value.unit !== this.measure.unit ||
      value.module !== this.choices.inside
    );
  });
  /** The other variants of a measure of pairs, in order; empty for other measures. */
  readonly partners: readonly string[] = $derived.by(() => {
    const { value } = this.table;
    return value && this.shown?.arity === 'pair-of-variants' ? mapPartners(value, this.#study.allStyles) : [];
  });
  readonly partner = $derived(
    this.partners.find((label) => label === this.choices.partner) ?? this.partners[0] ?? null,
  );
  /** Every variant, also those that are hidden. */
  readonly #all: HeatmapGrid = $derived.by(() => this.#gridOf(this.#study.allStyles));
  /** The values of the variants on screen. */
  readonly values: HeatmapGrid = $derived.by(() => {
    const labels = this.#study.styles.map(({ label }) => label);
    return { ...this.#all, panels: this.#all.panels.filter(({ style }) => labels.includes(style.label)) };
  });
  readonly hasBaseline = $derived(
    this.values.panels.some(({ cells }) => cells.some(({ baseline }) => baseline !== null)),
  );
  readonly canSubtract = $derived(this.#all.panels.length > 1);
  readonly isDifference = $derived(this.choices.view === 'difference' && this.canSubtract);
  readonly isAboveBaseline = $derived(this.choices.view === 'above-baseline' && this.hasBaseline);
  readonly subtrahend = $derived(subtrahendOf(this.choices.minus, this.#all.panels));
  readonly quantity: HeatmapQuantity = $derived.by(() => {
    if (this.isDifference) return this.choices.isRatio ? 'ratio' : 'difference';
    return this.isAboveBaseline ? 'above-baseline' : 'value';
  });
  /** What is drawn. */
  readonly grid: HeatmapGrid = $derived.by(() => {
    if (this.isAboveBaseline) return aboveBaselineGrid(this.values);
    if (!this.isDifference) return this.values;
    const { of, isRatio } = this.choices;
    const panels = this.#all.panels.filter(({ style }) => style.label === of);
    const from = panels.length > 0 ? { ...this.#all, panels } : this.values;
    return differenceGrid(from, this.#all.panels, { subtrahend: this.subtrahend, isRatio });
  });
  readonly canLog = $derived(
    this.quantity === 'value' &&
      this.grid.panels.some(({ cells }) => cells.some(({ value }) => typeof value === 'number' && value > 0)),
  );
  readonly isLog = $derived(this.canLog && (this.choices.log ?? suggestsLog(this.grid)));
  readonly #scaleChoice = $derived({ log: this.isLog, isCentred: this.quantity !== 'value' });
  readonly scale: HeatmapScale | null = $derived(heatmapScale(this.grid, this.#scaleChoice));
  readonly margins: HeatmapScale | null = $derived(marginScale(this.grid, this.#scaleChoice));
  readonly unit = $derived(this.table.value?.unit ?? '');
  readonly format = $derived.by(() => {
    const { unit, quantity } = this;
    return (value: number): string => formatQuantity(value, unit, quantity);
  });
  /** The choices as they stand in the address. */
  readonly query: PlaceQuery = $derived.by(() => {
    const { perNorm } = this.#study;
    return mapQuery(this.choices, { measure: this.measure?.id ?? null, perNorm });
  });

  constructor(study: StudyState) {
    this.#study = study;
  }

  choose(choices: Partial<MapChoices>): void {
    this.choices = { ...this.choices, ...choices };
  }

  show(measure: string): void {
    this.choose({ measure, log: null });
  }

  /** The measure some places further in the list, which has no end. */
  step(by: number): void {
    const { measures } = this.#study;
    const at = measures.findIndex(({ id }) => id === this.measure?.id);
    const next = measures[(at + by + measures.length) % measures.length];
    if (next) this.show(next.id);
  }

  /** Takes the choices of an address; one that says nothing changes nothing. */
  take(query: PlaceQuery): void {
    if (Object.keys(query).length === 0) return;
    const { perNorm, ...choices } = mapChoices(query);
    this.choices = choices;
    this.#study.perNorm = perNorm;
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    const { client, id, per, revision } = this.#study;
    const { measure } = this;
    const { inside } = this.choices;
    if (!measure) return;
    const asked = JSON.stringify([measure.id, per, inside, revision]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    void this.table.ask(() => client.map(id, { measure: measure.id, per, module: inside }));
  }

  #gridOf(styles: readonly VariantStyle[]): HeatmapGrid {
    const { value: table } = this.table;
    const { view } = this.#study;
    if (!table || !view || !this.shown) return EMPTY;
    const { layers, modules } = view;
    return heatmapGrid({ table, arity: this.shown.arity, partner: this.partner, styles, layers, modules });
  }
}
