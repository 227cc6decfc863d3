import uFuzzy from '@leeoniya/ufuzzy';
import type { TensorFate, TensorLayout, TensorsDocument } from '../../src-main/contract/tensors.ts';

/** One tensor of a study. */
export interface TensorEntry {
  /** Place in the order of the model. */
  readonly index: number;
  readonly name: string;
  readonly layer: number | null;
  readonly expert: number | null;
  readonly layout: TensorLayout;
  readonly fate: TensorFate;
}

/** Above this many matches they stand in the order of the model: ranking them would cost more than it tells. */
const MOST_RANKED = 1000;
/** Terms that are tried in any order: "up 3" finds layer 3. */
const PERMUTED = 3;

const isSpectral = ({ layout, fate }: TensorEntry): boolean => layout.k !== null && fate.compared.length > 0;

/** Every tensor of a study, to be found by name, by what is typed, and by its place in the model. */
export class TensorDirectory {
  readonly entries: readonly TensorEntry[];
  readonly #names: string[];
  readonly #byName: ReadonlyMap<string, TensorEntry>;
  readonly #fuzzy = new uFuzzy();

  constructor({ tensors, layouts, fates }: TensorsDocument) {
    this.entries = tensors.flatMap(({ name, layer, expert, layout: kind, fate: outcome }, index) => {
      const [layout, fate] = [layouts[kind], fates[outcome]];
      return layout && fate ? [{ index, name, layer, expert, layout, fate }] : [];
    });
    this.#names = this.entries.map(({ name }) => name);
    this.#byName = new Map(this.entries.map((entry) => [entry.name, entry]));
  }

  /** Those that some variant compares. */
  get compared(): readonly TensorEntry[] {
    return this.entries.filter(({ fate }) => fate.compared.length > 0);
  }

  find(name: string): TensorEntry | null {
    return this.#byName.get(name) ?? null;
  }

  /** What is shown when none is asked for: a matrix of a layer with a spectrum, else any that is compared. */
  get first(): TensorEntry | null {
    const { entries } = this;
    return (
      entries.find((entry) => isSpectral(entry) && entry.layer !== null) ??
      entries.find(isSpectral) ??
      entries.find(({ fate }) => fate.compared.length > 0) ??
      entries[0] ??
      null
    );
  }

  /** The same module and expert in the next layer that has it, or the previous one. */
  inLayer(entry: TensorEntry, step: -1 | 1): TensorEntry | null {
    return this.#next(
      entry,
      step,
      ({ layer, expert, layout }) =>
        layer !== entry.layer && expert === entry.expert && layout.module === entry.layout.module,
    );
  }

  /** The next tensor of the same layer in the order of the model, or the previous one. */
  inModule(entry: TensorEntry, step: -1 | 1): TensorEntry | null {
    const next = this.entries[entry.index + step];
    return next && next.layer === entry.layer ? next : null;
  }

  #next(entry: TensorEntry, step: -1 | 1, suits: (other: TensorEntry) => boolean): TensorEntry | null {
    if (entry.layer === null) return null;
    for (let at = entry.index + step; at >= 0 && at < this.entries.length; at += step) {
      const other = this.entries[at];
      if (other && suits(other)) return other;
    }
    return null;
  }

  /** Tensors whose name has what is typed, best first; some of them in the order of the model when there are very many. */
  search(typed: string): readonly TensorEntry[] {
    const [matches, info, order] = this.#fuzzy.search(this.#names, typed, PERMUTED, MOST_RANKED);
    if (matches === null) return [];
    const found = info ? order.map((place) => info.idx[place] ?? 0) : matches;
    return found.flatMap((index) => this.entries[index] ?? []);
  }

  /** A name in pieces, every second one of which is what was searched for; the first may be empty. */
  pieces({ index, name }: TensorEntry, typed: string): readonly string[] {
    if (typed.trim() === '') return [name];
    const ranges = this.#fuzzy.info([index], this.#names, typed).ranges[0] ?? [];
    const cuts = [0, ...ranges, name.length];
    return cuts.slice(1).map((end, i) => name.slice(cuts[i], end));
  }
}
