import { must } from '../base/assert.ts';
import { ALIGNMENT_REASONS, isUncounted, type AlignedTensor, type Alignment } from '../contract/alignment.ts';
import type { RowsQuery } from '../contract/routes.ts';
import type { Row } from '../contract/rows.ts';
import type { Variant } from '../contract/study.ts';
import { alignmentCompared } from '../measures/alignmentCompared.ts';
import type { Measure, PairMeasure, SetMeasure } from '../measures/Measure.ts';
import { aggregate } from './aggregate.ts';
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
  readonly store: Store;
  /** Whether the files behind a binding are still as they were when it was made. */
  isCurrent(binding: StoredBinding): boolean;
}

/** A measure's result for one tensor, or the reason why there is none. */
interface Cell {
  readonly tensor: string;
  readonly layer: number | null;
  readonly module: string;
  readonly dtype: string;
  readonly parameters: Row['parameters'];
  readonly result: StoredResult;
}

type KeyOf = (pairs: readonly { readonly key: string }[]) => string;
type Column = Pick<Row, 'variant' | 'role' | 'reference' | 'measure' | 'unit' | 'source'>;

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

/** alignment.compared: 1 or 0 for every tensor of either side; aliases and bookkeeping count nowhere. */
function alignmentCells(alignment: Alignment): Cell[] {
  return alignment.tensors.map((aligned) => {
    const { tensor, role, status, reason, detail, reference, elements } = aligned;
    const compared = status === 'compared' ? elementCount(reference?.shape ?? []) : 0;
    const words =
      reason === null
        ? isPartial(aligned)
          ? detail
          : null
        : detail === null
          ? ALIGNMENT_REASONS[reason]
          : `${ALIGNMENT_REASONS[reason]}: ${detail}`;
    const result = without(words, isUncounted(aligned) ? null : [compared, elements]);
    return {
      tensor,
      layer: role.layer,
      module: moduleName(role),
      dtype: dtypeOf(aligned),
      parameters: {},
      result,
    };
  });
}

function comparisonOf(item: TensorItem, label: string): Comparison {
  return must(
    item.comparisons.find(({ variant }) => variant === label),
    label,
  );
}

function place(item: TensorItem, label: string): Pick<Cell, 'tensor' | 'layer' | 'module' | 'dtype'> {
  const comparison = comparisonOf(item, label);
  const dtype = dtypeOf({ reference: comparison.reference, variant: comparison.tensor });
  return { tensor: item.tensor, layer: item.role.layer, module: moduleName(item.role), dtype };
}

/** Rows of one measure of one variant, at the levels asked for. */
function rowsOf(
  column: Column,
  measure: Pick<Measure, 'info' | 'value'>,
  cells: readonly Cell[],
  levels: readonly Row['level'][],
): Row[] {
  const rows: Row[] = [];
  const add = (
    level: Row['level'],
    group: readonly Cell[],
    where: Pick<Row, 'tensor' | 'layer' | 'module'>,
  ): void => {
    const values = aggregate(
      measure,
      group.map(({ result }) => result),
    );
    const dtype = [...new Set(group.map((cell) => cell.dtype))].join(', ');
    const reason = level === 'tensor' ? (group[0]?.result.reason ?? null) : values.reason;
    const parameters = mergeParameters(group.map((cell) => cell.parameters));
    rows.push({ ...column, level, ...where, ...values, parameters, dtype, reason });
  };
  if (levels.includes('overall') && cells.length > 0)
    add('overall', cells, { tensor: null, layer: null, module: null });
  if (levels.includes('module')) {
    for (const [module, group] of Map.groupBy(cells, (cell) => cell.module))
      add('module', group, { tensor: null, layer: null, module });
  }
  if (levels.includes('layer')) {
    for (const [layer, group] of Map.groupBy(cells, (cell) => cell.layer)) {
      if (layer !== null) add('layer', group, { tensor: null, layer, module: null });
    }
  }
  if (levels.includes('tensor')) for (const cell of cells) add('tensor', [cell], cell);
  return rows;
}

/** Parameters of a group: a value that differs between its tensors is written as a range. */
function mergeParameters(all: readonly Row['parameters'][]): Row['parameters'] {
  const names = [...new Set(all.flatMap((parameters) => Object.keys(parameters)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = [...new Set(all.map((parameters) => parameters[name] ?? null))];
      if (values.length === 1) return [name, values[0] ?? null];
      const numbers = values.filter((value) => typeof value === 'number');
      return [name, `${String(Math.min(...numbers))} to ${String(Math.max(...numbers))}`];
    }),
  );
}

/** Everything stored for a study, as tidy rows. */
export class RowReader {
  readonly #source: RowSource;
  readonly #bindings: Map<string, StoredBinding>;
  readonly #skipped: Map<string, string>;
  readonly #results = new Map<string, Map<string, StoredResult>>();

  constructor(source: RowSource) {
    this.#source = source;
    this.#bindings = new Map(
      source.store.bindings().map((binding) => [`${binding.variant}\0${binding.tensor}`, binding]),
    );
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
    return [
      ...variants.flatMap((variant) =>
        measures.variants
          .filter(asked)
          .flatMap((measure) =>
            rowsOf(columnOf(variant, measure), measure, this.#cells(variant.label, measure), levels),
          ),
      ),
      ...measures.pairs.filter(asked).flatMap((measure) => this.#pairRows(measure, variants, levels)),
      ...measures.sets.filter(asked).flatMap((measure) => this.#setRows(measure, variants, levels)),
    ];
  }

  #binding(variant: string, tensor: string): StoredBinding | null {
    return this.#bindings.get(`${variant}\0${tensor}`) ?? null;
  }

  #result(pair: string, key: string): StoredResult | null {
    const known = this.#results.get(key) ?? this.#source.store.results(key);
    this.#results.set(key, known);
    return known.get(pair) ?? null;
  }

  #cells(label: string, measure: Measure): Cell[] {
    if (measure === alignmentCompared) return alignmentCells(must(this.#source.alignments.get(label), label));
    return this.#source.items
      .filter((item) => item.comparisons.some(({ variant }) => variant === label))
      .flatMap((item) => {
        const result = this.#measured(label, item, measure);
        return result ? [{ ...place(item, label), parameters: parametersOf(measure, item), result }] : [];
      });
  }

  /** null while it is not computed yet, or where the measure does not apply. */
  #measured(label: string, item: TensorItem, measure: Measure): StoredResult | null {
    if (!inScope(measure, item, comparisonOf(item, label))) {
      const isMatrix = item.role.kind === 'embedding' || item.role.kind === 'head';
      return isMatrix ? without(item.notSpectral) : null;
    }
    const binding = this.#binding(label, item.tensor);
    if (!binding) return null;
    if (!this.#source.isCurrent(binding)) return without(STALE);
    const result = this.#result(binding.pair, measureKey(measure, item));
    const skipped = this.#skipped.get(binding.pair);
    return result ?? (skipped === undefined ? null : without(skipped));
  }

  /** The result of a measure of several variants for one tensor; null while one of them is not measured, or not any more as it was. */
  #together(
    labels: readonly string[],
    tensor: string,
    stored: { key: KeyOf; measure: string },
  ): StoredResult | null {
    const bindings = labels.map((label) => this.#binding(label, tensor));
    const current = bindings.filter((binding) => binding !== null && this.#source.isCurrent(binding));
    if (current.length < labels.length) return null;
    return this.#result(
      stored.key(current.flatMap((binding) => (binding ? [{ key: binding.pair }] : []))),
      stored.measure,
    );
  }

  #togetherRows(
    measure: PairMeasure | SetMeasure,
    variants: readonly Variant[],
    {
      key,
      levels,
      parameters,
    }: { key: KeyOf; levels: readonly Row['level'][]; parameters: Row['parameters'] },
  ): Row[] {
    const labels = variants.map(({ label }) => label);
    const [first] = variants;
    if (!first) return [];
    const cells = this.#source.items.flatMap((item) => {
      const result = this.#together(labels, item.tensor, { key, measure: togetherKey(measure) });
      return result ? [{ ...place(item, first.label), parameters, result }] : [];
    });
    return rowsOf(columnOf(first, measure), measure, cells, levels);
  }

  #pairRows(measure: PairMeasure, variants: readonly Variant[], levels: readonly Row['level'][]): Row[] {
    const key: KeyOf = ([a, b]) => siblingKey(must(a, 'a'), must(b, 'b'));
    return siblingPairs(variants)
      .filter((pair) => isAsked(measure, variants, pair))
      .flatMap((pair) =>
        this.#togetherRows(measure, pair, { key, levels, parameters: { with: pair[1].label } }),
      );
  }

  #setRows(measure: SetMeasure, variants: readonly Variant[], levels: readonly Row['level'][]): Row[] {
    return runSets(variants).flatMap(({ labels }) => {
      const members = variants.filter(({ label }) => labels.includes(label));
      const parameters = { with: labels.slice(1).join(', '), runs: labels.length };
      return this.#togetherRows(measure, members, { key: setKey, levels, parameters });
    });
  }
}
