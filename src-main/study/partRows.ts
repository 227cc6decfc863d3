import type { Row } from '../contract/rows.ts';
import type { Measure } from '../measures/Measure.ts';
import { measureRows, type Cell, type Column } from './measureRows.ts';
import type { ModelPart } from './modelPart.ts';

/** Which rows of a measure are asked for. */
export interface Asked {
  readonly levels: readonly Row['level'][];
  /** null is the whole model. */
  readonly part: ModelPart | null;
}

/** Rows of the tensors of a part of the model; aggregates say in their parameters which part it was. */
export function partRows(
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
