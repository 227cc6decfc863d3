import { unitLabel } from '../contract/format.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { Row } from '../contract/rows.ts';
import type { Footnotes } from './Footnotes.ts';
import { partnerOf, partnersOf, type ResultView, variantHeaders } from './ResultView.ts';
import type { Table, TableLine } from './table.ts';
import { baselineCell, complementCell, spreadCell, valueCell } from './valueCell.ts';

interface Detail {
  readonly notes: Footnotes;
  /** Also the middle half over matrices, which makes columns wide. */
  readonly spread: boolean;
}

/**
 * Variants side by side, a block of lines per measure: its value, the other side of a share, what chance, rounding or counting
 * alone would give, and the middle half over matrices. `view.rows` are those of one place, e.g. of the level "overall".
 */
export function overviewTable(view: ResultView, detail: Detail): Table {
  return {
    columns: [{ header: ['measure'], align: 'left' }, ...variantHeaders(view.columns)],
    lines: view.measures.flatMap((measure) =>
      partnersOf(measure, view.rows).flatMap((partner) => measureLines(view, { measure, partner }, detail)),
    ),
  };
}

function measureLines(
  view: ResultView,
  { measure, partner }: { measure: MeasureInfo; partner: string | null },
  { notes, spread }: Detail,
): TableLine[] {
  const found = view.rows.filter((row) => row.measure === measure.id && partnerOf(row) === partner);
  const rows = view.columns.map((column) => found.find((row) => row.variant === column.label));
  if (partner !== null && rows.every((row) => row === undefined)) return [];
  const value = (row: Row | undefined): string =>
    row === undefined && partner !== null ? '' : valueCell(row, notes);
  const lines: TableLine[] = [
    { cells: [measureLabel(measure, partner), ...rows.map(value)], emphasis: 'strong' },
  ];
  if (measure.complement !== null) {
    lines.push({ cells: [`  ${measure.complement}`, ...rows.map(complementCell)] });
  }
  if (measure.baseline !== null && found.some((row) => row.baseline !== null)) {
    lines.push({ cells: [`  ${measure.baseline.title}`, ...rows.map(baselineCell)], emphasis: 'faint' });
  }
  if (spread && found.some((row) => row.spread !== null)) {
    lines.push({ cells: ['  middle half of matrices', ...rows.map(spreadCell)], emphasis: 'faint' });
  }
  return lines;
}

/** The measure's title with its unit, and with the other variant where it compares two. */
export function measureLabel(measure: MeasureInfo, partner: string | null): string {
  const unit = unitLabel(measure.unit);
  return [
    measure.title,
    unit === '' ? null : ` [${unit}]`,
    partner === null ? null : `, with ${partner}`,
  ].join('');
}
