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

type Where = Pick<Row, 'tensor' | 'layer' | 'module'>;

const typesOf = (cells: readonly Cell[]): string =>
  [...new Set(cells.map(({ place }) => place.dtype))].join(', ');

/** Rows of one measure of one variant, at the levels asked for. */
export function measureRows(
  column: Column,
  measure: Pick<Measure, 'info' | 'value'>,
  cells: readonly Cell[],
  levels: readonly Row['level'][],
): Row[] {
  const rows: Row[] = [];
  // Tens of thousands of rows: one literal each is several times faster than spreads of spreads.
  const row = (level: Row['level'], group: readonly Cell[], { tensor, layer, module }: Where): Row => {
    const { variant, role, reference, measure: id, unit, source } = column;
    const found = aggregate(
      measure,
      group.map(({ result }) => result),
    );
    const [only] = group;
    const isTensor = level === 'tensor' && only !== undefined;
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
      parameters: mergeParameters(group.map(({ parameters }) => parameters)),
      dtype: typesOf(group),
      source,
      tensors: found.tensors,
      spread: found.spread,
      residual: found.residual,
      reason: isTensor ? only.result.reason : found.reason,
    };
  };
  const nowhere = { tensor: null, layer: null, module: null };
  if (levels.includes('overall') && cells.length > 0) rows.push(row('overall', cells, nowhere));
  if (levels.includes('module')) {
    for (const [module, group] of Map.groupBy(cells, ({ place }) => place.module))
      rows.push(row('module', group, { ...nowhere, module }));
  }
  if (levels.includes('layer')) {
    for (const [layer, group] of Map.groupBy(cells, ({ place }) => place.layer)) {
      if (layer !== null) rows.push(row('layer', group, { ...nowhere, layer }));
    }
  }
  if (levels.includes('tensor')) for (const cell of cells) rows.push(row('tensor', [cell], cell.place));
  return rows;
}
