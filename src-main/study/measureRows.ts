import type { Row } from '../contract/rows.ts';
import type { Measure } from '../measures/Measure.ts';
import { aggregate } from './aggregate.ts';
import { mergeParameters } from './mergeParameters.ts';
import type { StoredResult } from './Store.ts';

/** Where a tensor stands in a model, and the element types compared. */
export type Place = Pick<Row, 'layer' | 'module' | 'dtype'> & { readonly tensor: string };

/** A measure's result for one tensor, or the reason why there is none. */
export interface Cell {
  readonly place: Place;
  readonly parameters: Row['parameters'];
  readonly result: StoredResult;
}

/** What all rows of a measure of one variant say alike. */
export type Column = Pick<Row, 'variant' | 'role' | 'reference' | 'measure' | 'unit' | 'source'>;

/** Element types of a group, each once. */
export function typesOf(cells: readonly Cell[]): string {
  const [first, ...others] = cells;
  if (first && others.length === 0) return first.place.dtype;
  return [...new Set(cells.map(({ place }) => place.dtype))].join(', ');
}

/** One row for a group of tensors. A study has tens of thousands: a literal is several times faster than spreads of spreads. */
function rowOf(
  { variant, role, reference, measure: id, unit, source }: Column,
  measure: Pick<Measure, 'info' | 'value'>,
  cells: readonly Cell[],
  { level, tensor, layer, module }: Pick<Row, 'level' | 'tensor' | 'layer' | 'module'>,
): Row {
  const found = aggregate(
    measure,
    cells.map(({ result }) => result),
  );
  return {
    variant,
    role,
    reference,
    level,
    tensor,
    layer,
    module,
    measure: id,
    value: found.value,
    unit,
    baseline: found.baseline,
    method: found.method,
    parameters: mergeParameters(cells.map((cell) => cell.parameters)),
    dtype: typesOf(cells),
    source,
    tensors: found.tensors,
    spread: found.spread,
    residual: found.residual,
    // A tensor that is compared in part has a value and a reason.
    reason: level === 'tensor' ? (cells[0]?.result.reason ?? null) : found.reason,
  };
}

const NOWHERE = { tensor: null, layer: null, module: null };

/** Rows of one measure of one variant, at the levels asked for. */
export function measureRows(
  column: Column,
  measure: Pick<Measure, 'info' | 'value'>,
  cells: readonly Cell[],
  levels: readonly Row['level'][],
): Row[] {
  const rows: Row[] = [];
  if (levels.includes('overall') && cells.length > 0)
    rows.push(rowOf(column, measure, cells, { ...NOWHERE, level: 'overall' }));
  if (levels.includes('module')) {
    for (const [module, group] of Map.groupBy(cells, ({ place }) => place.module))
      rows.push(rowOf(column, measure, group, { ...NOWHERE, level: 'module', module }));
  }
  if (levels.includes('layer')) {
    for (const [layer, group] of Map.groupBy(cells, ({ place }) => place.layer))
      if (layer !== null) rows.push(rowOf(column, measure, group, { ...NOWHERE, level: 'layer', layer }));
  }
  if (levels.includes('tensor')) {
    for (const cell of cells) {
      const { tensor, layer, module } = cell.place;
      rows.push(rowOf(column, measure, [cell], { level: 'tensor', tensor, layer, module }));
    }
  }
  return rows;
}
