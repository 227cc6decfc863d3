import { SvelteSet } from 'svelte/reactivity';
import { parseLayerRanges, writeLayerRanges } from '../../src-main/contract/layerRanges.ts';
import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';

const LARGEST_K = 4096;

/** What is measured and how, while it is being typed. What has no field here stays as it is. */
export class OptionsDraft {
  #given = StudyOptions.parse({});
  k = $state<number | null>(this.#given.k);
  layers = $state('');
  modules = $state('');
  spectralEmbeddings = $state(false);
  /** All usual measures, or only those that are chosen. */
  isUsual = $state(true);
  readonly chosen = new SvelteSet<string>();
  /** Optional measures besides. */
  readonly also = new SvelteSet<string>();

  readonly kError = $derived(
    this.k !== null && Number.isInteger(this.k) && this.k >= 1 && this.k <= LARGEST_K
      ? null
      : `k is a whole number from 1 to ${String(LARGEST_K)}`,
  );
  readonly layersError = $derived(
    parseLayerRanges(this.layers) === null ? 'write layers such as 0-3, 10' : null,
  );
  readonly measuresError = $derived(
    !this.isUsual && this.chosen.size === 0 ? 'choose at least one measure' : null,
  );
  readonly isSound = $derived(
    this.kError === null && this.layersError === null && this.measuresError === null,
  );

  /** Shows the options of a study. */
  take(options: StudyOptions): void {
    this.#given = options;
    this.k = options.k;
    this.layers = writeLayerRanges(options.layers);
    this.modules = options.modules.join(', ');
    this.spectralEmbeddings = options.spectralEmbeddings;
    this.isUsual = options.measures.length === 0;
    fill(this.chosen, options.measures);
    fill(this.also, options.also);
  }

  /** Modules among the known ones that are named wrongly; null when all are right, or none are known yet. */
  modulesError(known: readonly string[]): string | null {
    const stranger = this.#modules().find((name) => known.length > 0 && !known.includes(name));
    return stranger === undefined ? null : `no module is called ${stranger}; there are ${known.join(', ')}`;
  }

  /** Begins a choice with the usual measures. */
  choose(measures: readonly MeasureInfo[]): void {
    this.isUsual = false;
    if (this.chosen.size > 0) return;
    for (const { id, optional } of measures) if (!optional) this.chosen.add(id);
  }

  /** The options as they are typed; ask isSound first. */
  options(): StudyOptions {
    return {
      ...this.#given,
      k: this.k ?? this.#given.k,
      layers: parseLayerRanges(this.layers) ?? [],
      modules: this.#modules(),
      spectralEmbeddings: this.spectralEmbeddings,
      measures: this.isUsual ? [] : [...this.chosen],
      also: this.isUsual ? [...this.also] : [],
    };
  }

  #modules(): string[] {
    return this.modules
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  }
}

function fill(set: SvelteSet<string>, values: readonly string[]): void {
  set.clear();
  for (const value of values) set.add(value);
}
