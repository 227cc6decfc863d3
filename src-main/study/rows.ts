import { must } from '../base/assert.ts';
import type { Alignment } from '../contract/alignment.ts';
import type { RowsQuery } from '../contract/routes.ts';
import type { Consensus, Row } from '../contract/rows.ts';
import type { Variant } from '../contract/study.ts';
import { alignmentCompared } from '../measures/alignmentCompared.ts';
import { everChanged } from '../measures/everChanged.ts';
import type { Measure, PairMeasure, SetMeasure } from '../measures/Measure.ts';
import { combine } from './aggregate.ts';
import { alignmentCells, without } from './alignmentCells.ts';
import type { IsCurrent } from './currency.ts';
import { entriesOf, type Entries, type Entry } from './entries.ts';
import type { Cell, Column } from './measureRows.ts';
import { modelPart } from './modelPart.ts';
import { partRows } from './partRows.ts';
import { inScope, measureKey, parametersOf, type TensorItem } from './plan.ts';
import { isAsked, runSets, setKey, siblingKey, siblingPairs, togetherKey } from './siblings.ts';
import type { Store, StoredResult } from './Store.ts';
import type { WantedMeasures } from './wanted.ts';

/** What rows are made of. */
export interface RowSource {
  readonly variants: readonly Variant[];
  readonly alignments: ReadonlyMap<string, Alignment>;
  readonly items: readonly TensorItem[];
  readonly measures: WantedMeasures;
  readonly store: Pick<Store, 'bindingPages' | 'bindingsVersion' | 'skipped' | 'resultPages'> & {
    results(measure: string): Pick<ReadonlyMap<string, StoredResult>, 'get'>;
  };
  /** Whether the files behind a binding are still as they were when it was made. */
  readonly isCurrent: IsCurrent;
}

type KeyOf = (pairs: readonly { readonly key: string }[]) => string;

/** A tensor of several variants, and the key of what they have in common. */
interface SharedEntry {
  readonly entry: Entry;
  readonly key: string;
}

/** Several variants, and how they are held together. */
interface Together {
  readonly labels: readonly string[];
  readonly keyOf: KeyOf;
  readonly parameters: Row['parameters'];
}

interface Kin {
  readonly measure: PairMeasure | SetMeasure;
  readonly column: Column;
  readonly together: Together;
}

/** What a measure says of one variant, pair or set, tensor by tensor. */
export interface CellColumn {
  readonly column: Column;
  readonly measure: Pick<Measure, 'info' | 'value'>;
  readonly cells: Iterable<Cell>;
  /** The other variants of a pair or set. */
  readonly together: string | null;
}

const pairKey: KeyOf = ([a, b]) => siblingKey(must(a, 'a'), must(b, 'b'));

const STALE = 'the file changed after it was measured: run the study again';

function columnOf(variant: Variant, { info }: Pick<Measure, 'info'>): Column {
  const source = info.sources
    .map(({ arxiv, where }) => (arxiv === null ? where : `arXiv:${arxiv}, ${where}`))
    .join('; ');
  return {
    variant: variant.label,
    role: variant.role,
    reference: variant.from,
    measure: info.id,
    unit: info.unit,
    source,
  };
}

/** Matrices that a measure leaves out have a row that says so; vectors have none. */
function outOfScope({ role, notSpectral }: TensorItem): StoredResult | null {
  return role.kind === 'embedding' || role.kind === 'head' ? without(notSpectral) : null;
}

/** Everything stored for a study, as tidy rows. */
export class RowReader {
  readonly #source: RowSource;
  readonly #entries: Entries;
  readonly #skipped: ReadonlyMap<string, string>;
  readonly #results = new Map<string, Pick<ReadonlyMap<string, StoredResult>, 'get'>>();
  readonly #shared = new Map<string, readonly SharedEntry[]>();

  constructor(source: RowSource, entries: Entries = entriesOf(source)) {
    this.#source = source;
    this.#entries = entries;
    this.#skipped = source.store.skipped();
  }

  rows(query: RowsQuery): Row[] {
    const levels = query.level.length > 0 ? query.level : (['overall', 'module', 'layer', 'tensor'] as const);
    const wanted = (id: string): boolean => query.measure.length === 0 || query.measure.includes(id);
    const variants = this.#source.variants.filter(
      ({ label }) => query.variant.length === 0 || query.variant.includes(label),
    );
    const asked = ({ info }: Pick<Measure, 'info'>): boolean => wanted(info.id);
    const { measures } = this.#source;
    const about = { levels, part: modelPart(query) };
    return [
      ...variants.flatMap((variant) =>
        measures.variants
          .filter(asked)
          .flatMap((measure) =>
            partRows(columnOf(variant, measure), measure, [...this.#cells(variant.label, measure)], about),
          ),
      ),
      ...[...this.#kin(asked, variants)].flatMap(({ measure, column, together }) =>
        partRows(column, measure, [...this.#togetherCells(measure, together)], about),
      ),
    ];
  }

  /** The histogram behind `everChanged` of every set of runs, over the part of the model that a query asks for. */
  consensus(query: Pick<RowsQuery, 'layers' | 'module'>): Consensus[] {
    const part = modelPart(query);
    return runSets(this.#source.variants).map(({ from, role, labels }) => {
      const results = this.#together(labels, setKey).flatMap(({ entry: { place }, key }) => {
        const result = part === null || part.has(place) ? this.#result(key, togetherKey(everChanged)) : null;
        return result?.parts && result.baseline ? [{ counts: result.parts, expected: result.baseline }] : [];
      });
      const total = (of: (result: (typeof results)[number]) => readonly number[]): number[] | null =>
        results.length === 0 ? null : combine(results.map(of), everChanged.info.aggregation);
      return {
        role,
        reference: from,
        runs: [...labels],
        counts: total(({ counts }) => counts),
        expected: total(({ expected }) => expected),
        tensors: results.length,
      };
    });
  }

  #result(pair: string, key: string): StoredResult | null {
    const known = this.#results.get(key);
    if (known) return known.get(pair) ?? null;
    const read = this.#source.store.results(key);
    this.#results.set(key, read);
    return read.get(pair) ?? null;
  }

  *#cells(label: string, measure: Measure): Generator<Cell> {
    if (measure === alignmentCompared) yield* alignmentCells(must(this.#source.alignments.get(label), label));
    else
      for (const entry of this.#entries.get(label) ?? []) {
        const result = this.#measured(entry, measure);
        if (result) yield { place: entry.place, parameters: parametersOf(measure, entry.item), result };
      }
  }

  /** null while it is not computed yet, or where the measure does not apply. */
  #measured({ item, comparison, binding, isCurrent }: Entry, measure: Measure): StoredResult | null {
    if (!inScope(measure, item, comparison)) return outOfScope(item);
    if (!binding) return null;
    if (!isCurrent) return without(STALE);
    const result = this.#result(binding.pair, measureKey(measure, item));
    const skipped = this.#skipped.get(binding.pair);
    return result ?? (skipped === undefined ? null : without(skipped));
  }

  /** Tensors that all of some variants compare, with the key of their common content; those not measured, or not as they are, left out. */
  #together(labels: readonly string[], keyOf: KeyOf): readonly SharedEntry[] {
    const id = JSON.stringify([keyOf === setKey, ...labels]);
    const known = this.#shared.get(id);
    if (known) return known;
    const all = labels.map(
      (label) => new Map((this.#entries.get(label) ?? []).map((entry) => [entry.item, entry])),
    );
    const shared = [...(all[0]?.values() ?? [])].flatMap((entry) => {
      const current = all.flatMap((entries) => {
        const other = entries.get(entry.item);
        return other?.binding && other.isCurrent ? [{ key: other.binding.pair }] : [];
      });
      return current.length === labels.length ? [{ entry, key: keyOf(current) }] : [];
    });
    this.#shared.set(id, shared);
    return shared;
  }

  *#togetherCells(
    measure: PairMeasure | SetMeasure,
    { labels, keyOf, parameters }: Together,
  ): Generator<Cell> {
    for (const { entry, key } of this.#together(labels, keyOf)) {
      const { item, comparison, place } = entry;
      const isInside = inScope(measure, item, comparison);
      const result = isInside ? this.#result(key, togetherKey(measure)) : outOfScope(item);
      if (result) yield { place, parameters, result };
    }
  }

  /** Pairs and sets of variants that measures are of. */
  *#kin(asked: (measure: Pick<Measure, 'info'>) => boolean, variants: readonly Variant[]): Generator<Kin> {
    const { pairs, sets } = this.#source.measures;
    for (const measure of pairs.filter(asked)) {
      for (const pair of siblingPairs(variants).filter((each) => isAsked(measure, variants, each))) {
        const labels = pair.map(({ label }) => label);
        const together = { labels, keyOf: pairKey, parameters: { with: pair[1].label } };
        yield { measure, column: columnOf(pair[0], measure), together };
      }
    }
    for (const measure of sets.filter(asked)) {
      for (const { labels } of runSets(variants)) {
        const first = variants.find(({ label }) => label === labels[0]);
        const parameters = { with: labels.slice(1).join(', '), runs: labels.length };
        const column = columnOf(must(first, 'a set has members'), measure);
        yield { measure, column, together: { labels, keyOf: setKey, parameters } };
      }
    }
  }

  /**
   * One measure, column by column and cell by cell, each made when it is asked for: a caller may pause in between.
   * @param labels of variants; all when empty
   */
  *columns(id: string, labels: readonly string[] = []): Generator<CellColumn> {
    const { measures } = this.#source;
    const variants = this.#source.variants.filter(
      ({ label }) => labels.length === 0 || labels.includes(label),
    );
    const asked = ({ info }: Pick<Measure, 'info'>): boolean => info.id === id;
    for (const measure of measures.variants.filter(asked)) {
      for (const variant of variants)
        yield {
          column: columnOf(variant, measure),
          measure,
          cells: this.#cells(variant.label, measure),
          together: null,
        };
    }
    for (const { measure, column, together } of this.#kin(asked, variants)) {
      const others = together.labels.slice(1).join(', ');
      yield { column, measure, cells: this.#togetherCells(measure, together), together: others };
    }
  }

  /** Makes known the results of a measure key that were read already. */
  learn(key: string, results: ReadonlyMap<string, StoredResult>): void {
    this.#results.set(key, results);
  }

  /** Lets go of what was learned: all measures of a large model would take gigabytes. */
  forget(): void {
    this.#results.clear();
  }
}
