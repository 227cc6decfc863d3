import { formatValue } from '../contract/format.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import { pairedLabels, rowsWith } from './heatmapPanels.ts';
import type { VariantStyle } from './variantStyle.ts';

/** One measure of one tensor, a cell per variant in the order of the styles. */
export interface NumbersLine {
  readonly measure: MeasureInfo;
  /** The other variant of every cell, for measures of pairs. */
  readonly partner: string | null;
  readonly cells: readonly (Row | null)[];
}

/** Every measure that says something of a tensor; a measure of pairs has a line for each partner. */
export function tensorNumbers(
  measures: readonly MeasureInfo[],
  rows: readonly Row[],
  styles: readonly VariantStyle[],
): NumbersLine[] {
  const own = Map.groupBy(rows, ({ measure }) => measure);
  const cellsFrom = (found: readonly Row[]): (Row | null)[] =>
    styles.map(({ label }) => found.find(({ variant }) => variant === label) ?? null);
  return measures.flatMap((measure): NumbersLine[] => {
    const found = own.get(measure.id) ?? [];
    if (measure.arity !== 'pair-of-variants') {
      const cells = cellsFrom(found);
      return cells.some((row) => row !== null) ? [{ measure, partner: null, cells }] : [];
    }
    return pairedLabels(found, styles).map((partner) => ({
      measure,
      partner,
      cells: cellsFrom(rowsWith(partner, found, styles)),
    }));
  });
}

export const numbersTitle = ({ measure, partner }: NumbersLine): string =>
  partner === null ? measure.title : `${measure.title}, with ${partner}`;

/** A value as it is shown in the table; the reason stands in the definition. */
export function numberText(row: Row | null): string {
  if (row === null) return '–';
  return row.value === null ? 'none' : formatValue(row.value, row.unit);
}

/** The table for a spreadsheet: full precision, the unit and the baseline of every number. */
export function numbersText(lines: readonly NumbersLine[], styles: readonly VariantStyle[]): string {
  const value = (number: Row['value'] | undefined): string =>
    number === null || number === undefined ? '' : String(number);
  const head = ['measure', 'id', 'unit', ...styles.flatMap(({ label }) => [label, `${label} baseline`])];
  const body = lines.map((line) => [
    numbersTitle(line),
    line.measure.id,
    line.measure.unit,
    ...line.cells.flatMap((row) => [value(row?.value), value(row?.baseline)]),
  ]);
  return [head, ...body].map((cells) => cells.join('\t')).join('\n');
}
