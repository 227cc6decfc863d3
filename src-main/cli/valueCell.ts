import { formatValue } from '../contract/format.ts';
import type { Row } from '../contract/rows.ts';
import type { Footnotes } from './Footnotes.ts';

const NOT_RUN = 'no result is stored yet';

/** A value with the sign of its unit; one that is not defined is "n/a" with a footnote. */
export function valueCell(row: Row | undefined, notes: Footnotes): string {
  if (row === undefined) return `n/a ${notes.mark(NOT_RUN)}`;
  if (row.value === null) return `n/a ${notes.mark(row.reason ?? NOT_RUN)}`;
  return formatValue(row.value, row.unit);
}

/** The other side of a share, e.g. what changed beside what did not. */
export function complementCell(row: Row | undefined): string {
  return typeof row?.value === 'number' ? formatValue(1 - row.value, 'share') : '';
}

export function baselineCell(row: Row | undefined): string {
  return row === undefined || row.baseline === null ? '' : formatValue(row.baseline, row.unit);
}

/** Lower and upper quartile of the per-tensor values behind an aggregate, with the sign of the unit once: "12.7–26.6 %". */
export function spreadCell(row: Row | undefined): string {
  if (row === undefined || row.spread === null) return '';
  const upper = formatValue(row.spread.q3, row.unit);
  const sign = /[ %°]*$/.exec(upper)?.[0] ?? '';
  return `${formatValue(row.spread.q1, row.unit).replace(sign, '')}–${upper}`;
}
