import { must } from '../base/assert.ts';
import { ALIGNMENT_REASONS, isUncounted, type AlignedTensor, type Alignment } from '../contract/alignment.ts';
import type { RowsQuery } from '../contract/routes.ts';
import type { Consensus, Row } from '../contract/rows.ts';
import type { Variant } from '../contract/study.ts';
import { alignmentCompared } from '../measures/alignmentCompared.ts';
import type { Measure, PairMeasure, SetMeasure } from '../measures/Measure.ts';
import { everChanged } from '../measures/everChanged.ts';
import { combine } from './aggregate.ts';
import { currency } from './currency.ts';
import { measureRows, type Cell, type Column, type Place } from './measureRows.ts';
import { modelPart, type ModelPart } from './modelPart.ts';
import { inScope, measureKey, parametersOf, type Comparison, type TensorItem } from './plan.ts';
import { elementCount, isPartial, moduleName } from './selectTensors.ts';
import { isAsked, runSets, setKey, siblingKey, siblingPairs, togetherKey } from './siblings.ts';
import type { Store, StoredBinding, StoredResult } from './Store.ts';
import type { WantedMeasures } from './wanted.ts';

/** What rows are made of. */
export interface RowSource {
  readonly variants: readonly Variant[];
  readonly alignments: ReadonlyMap<string, Alignment>;
  readonly items: readonly TensorItem[];
  readonly measures: WantedMeasures;
  readonly store: Pick<Store, 'bindings' | 'skipped'> & {
    results(measure: string): Pick<ReadonlyMap<string, StoredResult>, 'get'>;
  };
}

/** Which rows of a measure are asked for. */
interface Asked {
  readonly levels: readonly Row['level'][];
  /** null is the whole model. */
  readonly part: ModelPart | null;
}

type KeyOf = (pairs: readonly { readonly key: string }[]) => string;

/** A tensor of several variants, and the key of what they have in common. */
interface SharedEntry {
  readonly entry: Entry;
  readonly key: string;
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

function without(reason: string | null, parts: readonly number[] | null = null): StoredResult {
  return { pair: '', measure: '', parts, baseline: null, reason, method: '', residual: null, engine: '' };
}

function dtypeOf({ reference, variant }: Pick<AlignedTensor, 'reference' | 'variant'>): string {
  const types = [reference?.dtype, variant?.dtype].filter((dtype) => dtype !== undefined);
  return [...new Set(types)].join(' vs ');
}

/** Why a tensor is not compared, or only in part; null when it is whole. */
function alignmentWords(aligned: AlignedTensor): string | null {
  const { reason, detail } = aligned;
  if (reason === null) return isPartial(aligned) ? detail : null;
  return detail === null ? ALIGNMENT_REASONS[reason] : `${ALIGNMENT_REASONS[reason]}: ${detail}`;
}

/** alignment.compared: 1 or 0 for every tensor of either side; aliases and bookkeeping count nowhere. */
function alignmentCells(alignment: Alignment): Cell[] {
  return alignment.tensors.map((aligned) => {
    const { tensor, role, status, reference, elements } = aligned;
    const compared = status === 'compared' ? elementCount(reference?.shape ?? []) : 0;
    const result = without(alignmentWords(aligned), isUncounted(aligned) ? null : [compared, elements]);
    const place = { tensor, layer: role.layer, module: moduleName(role), dtype: dtypeOf(aligned) };
    return { place, parameters: alignmentCompared.info.parameters, result };
  });
}

/** Matrices that a measure leaves out have a row that says so; vectors have none. */
function outOfScope({ role, notSpectral }: TensorItem): StoredResult | null {
  return role.kind === 'embedding' || role.kind === 'head' ? without(notSpectral) : null;
}

/** A tensor of one variant, and what is stored of it. */
interface Entry {
  readonly item: TensorItem;
  readonly comparison: Comparison;
  readonly place: Place;
  /** null while it is not measured. */
  readonly binding: StoredBinding | null;
  /** Whether the files are still as they were when it was measured. */
  readonly isCurrent: boolean;
}

function placeOf(item: TensorItem, { reference, tensor }: Comparison): Place {
  const dtype = dtypeOf({ reference, variant: tensor });
  return { tensor: item.tensor, layer: item.role.layer, module: moduleName(item.role), dtype };
}

/** What every variant compares, in the order of the model, by label. */
function entriesOf({ items, store }: RowSource): Map<string, Entry[]> {
  const isCurrent = currency(items);
  const bindings = new Map(
    store.bindings().map((binding) => [`${binding.variant}\0${binding.tensor}`, binding]),
  );
  const entries = items.flatMap((item) =>
    item.comparisons.map((comparison): Entry => {
      const binding = bindings.get(`${comparison.variant}\0${item.tensor}`) ?? null;
      const place = placeOf(item, comparison);
      return { item, comparison, place, binding, isCurrent: binding !== null && isCurrent(binding) };
    }),
  );
  return Map.groupBy(entries, ({ comparison }) => comparison.variant);
}

/** Rows of the tensors of a part of the model; aggregates say in their parameters which part it was. */
function partRows(
  column: Column,
  measure: Pick<Measure, 'info' | 'value'>,
  cells: readonly Cell[],
  { levels, part }: Asked,
): Row[] {
  if (part === null) return measureRows(column, measure, cells, levels);
  const inside = cells.filter(({ place }) => part.has(place));
  return measureRows(column, measure, inside, levels).map((row) =>
    row.level === 'tensor' ? row : { ...row, parameters: { ...row.parameters, ...part.parameters } },
  );
}

/** Everything stored for a study, as tidy rows. */
export class RowReader {
  readonly #source: RowSource;
  readonly #entries: ReadonlyMap<string, readonly Entry[]>;
  readonly #skipped: ReadonlyMap<string, string>;
  readonly #results = new Map<string, Pick<ReadonlyMap<string, StoredResult>, 'get'>>();
  readonly #shared = new Map<string, readonly SharedEntry[]>();

  constructor(source: RowSource) {
    this.#source = source;
    this.#entries = entriesOf(source);
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
    const about = { levels, part: modelPart(query, this.#source.alignments) };
    return [
      ...variants.flatMap((variant) =>
        measures.variants
          .filter(asked)
          .flatMap((measure) =>
            partRows(columnOf(variant, measure), measure, this.#cells(variant.label, measure), about),
          ),
      ),
      ...measures.pairs.filter(asked).flatMap((measure) => this.#pairRows(measure, variants, about)),
      ...measures.sets.filter(asked).flatMap((measure) => this.#setRows(measure, variants, about)),
    ];
  }

  /** The histogram behind `everChanged` of every set of runs, over the part of the model that a query asks for. */
  consensus(query: Pick<RowsQuery, 'layers' | 'module'>): Consensus[] {
    const { variants, alignments } = this.#source;
    const part = modelPart(query, alignments);
    return runSets(variants).map(({ from, role, labels }) => {
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

  #cells(label: string, measure: Measure): Cell[] {
    if (measure === alignmentCompared) return alignmentCells(must(this.#source.alignments.get(label), label));
    return (this.#entries.get(label) ?? []).flatMap((entry) => {
      const result = this.#measured(entry, measure);
      return result ? [{ place: entry.place, parameters: parametersOf(measure, entry.item), result }] : [];
    });
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

  #togetherRows(
    measure: PairMeasure | SetMeasure,
    variants: readonly Variant[],
    about: Asked & { keyOf: KeyOf; parameters: Row['parameters'] },
  ): Row[] {
    const { keyOf, parameters } = about;
    const [first] = variants;
    if (!first) return [];
    const shared = this.#together(
      variants.map(({ label }) => label),
      keyOf,
    );
    const cells = shared.flatMap(({ entry: { item, comparison, place }, key }) => {
      const isInside = inScope(measure, item, comparison);
      const result = isInside ? this.#result(key, togetherKey(measure)) : outOfScope(item);
      return result ? [{ place, parameters, result }] : [];
    });
    return partRows(columnOf(first, measure), measure, cells, about);
  }

  #pairRows(measure: PairMeasure, variants: readonly Variant[], about: Asked): Row[] {
    return siblingPairs(variants)
      .filter((pair) => isAsked(measure, variants, pair))
      .flatMap((pair) =>
        this.#togetherRows(measure, pair, { ...about, keyOf: pairKey, parameters: { with: pair[1].label } }),
      );
  }

  #setRows(measure: SetMeasure, variants: readonly Variant[], about: Asked): Row[] {
    return runSets(variants).flatMap(({ labels }) => {
      const members = variants.filter(({ label }) => labels.includes(label));
      const parameters = { with: labels.slice(1).join(', '), runs: labels.length };
      return this.#togetherRows(measure, members, { ...about, keyOf: setKey, parameters });
    });
  }
}
