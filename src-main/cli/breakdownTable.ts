import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import type { Footnotes } from './Footnotes.ts';
import { measureLabel } from './overviewTable.ts';
import { partnerOf, partnersOf, type ResultView, variantHeaders } from './ResultView.ts';
import type { Table, TableLine } from './table.ts';
import { baselineCell, valueCell } from './valueCell.ts';

export type BreakdownLevel = 'module' | 'layer' | 'tensor';

/**
 * Measures over modules, layers or tensors, variants side by side, a section per measure. A baseline that is the same for all variants of
 * the study stands in the second column, one that differs in a line below each value. `view.rows` are those of the level.
 */
export function breakdownTable(view: ResultView, level: BreakdownLevel, notes: Footnotes): Table {
  return {
    keys: 2,
    columns: [
      { header: [level], align: 'left' },
      { header: ['baseline'], align: 'right' },
      ...variantHeaders(view.columns),
    ],
    lines: view.measures.flatMap((measure) =>
      partnersOf(measure, view.rows).flatMap((partner) => {
        const rows = view.rows.filter((row) => row.measure === measure.id && partnerOf(row) === partner);
        const places = Map.groupBy(rows, (row) => placeOf(row, level));
        const shared = [...places.values()].every((found) => baselinesOf(found).length <= 1);
        const title: TableLine = {
          cells: [sectionTitle(measure, partner, shared)],
          emphasis: 'strong',
          section: true,
        };
        const lines = [...places].flatMap(([place, found]) =>
          placeLines(view, { measure, place, found, shared }, notes),
        );
        return [title, ...lines];
      }),
    ),
  };
}

/** Says how the value and its baseline are to be read, e.g. "Weights unchanged (bf16); the rest: changed". */
function sectionTitle(measure: MeasureInfo, partner: string | null, shared: boolean): string {
  const rest = measure.complement === null ? '' : `; the rest: ${measure.complement}`;
  const baseline = shared && measure.baseline !== null ? `; baseline: ${measure.baseline.title}` : '';
  return `${measureLabel(measure, partner)}${rest}${baseline}`;
}

interface Place {
  readonly measure: MeasureInfo;
  readonly place: string;
  readonly found: readonly Row[];
  readonly shared: boolean;
}

function placeLines(
  view: ResultView,
  { measure, place, found, shared }: Place,
  notes: Footnotes,
): TableLine[] {
  const rows = view.columns.map((column) => found.find((row) => row.variant === column.label));
  const values = rows.map((row) => (row === undefined ? '' : valueCell(row, notes)));
  const lines: TableLine[] = [
    { cells: [`  ${place}`, shared ? (baselinesOf(found)[0] ?? '') : '', ...values] },
  ];
  if (!shared && measure.baseline !== null && rows.some((row) => baselineCell(row) !== '')) {
    lines.push({
      cells: [`    ${measure.baseline.title}`, '', ...rows.map(baselineCell)],
      emphasis: 'faint',
    });
  }
  return lines;
}

function placeOf(row: Row, level: BreakdownLevel): string {
  if (level === 'tensor') return row.tensor ?? '';
  return level === 'layer' ? `layer ${String(row.layer)}` : (row.module ?? '');
}

/** The different baselines of rows, as text. */
function baselinesOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(baselineCell).filter((text) => text !== ''))];
}
