import type { Row } from '../contract/rows.ts';
import type { Terminal } from './Terminal.ts';

type Cell = string | number | null;

/** Column name and how it is taken from a row. */
const COLUMNS: readonly (readonly [string, (row: Row) => Cell])[] = [
  ['variant', (row) => row.variant],
  ['role', (row) => row.role],
  ['reference', (row) => row.reference],
  ['level', (row) => row.level],
  ['tensor', (row) => row.tensor],
  ['layer', (row) => row.layer],
  ['module', (row) => row.module],
  ['measure', (row) => row.measure],
  ['value', (row) => row.value ?? 'NA'],
  ['unit', (row) => row.unit],
  ['baseline', (row) => row.baseline ?? 'NA'],
  ['method', (row) => row.method],
  ['parameters', (row) => JSON.stringify(row.parameters)],
  ['dtype', (row) => row.dtype],
  ['source', (row) => row.source],
  ['tensors', (row) => row.tensors],
  ['q1', (row) => row.spread?.q1 ?? null],
  ['median', (row) => row.spread?.median ?? null],
  ['q3', (row) => row.spread?.q3 ?? null],
  ['residual', (row) => row.residual],
  ['reason', (row) => row.reason],
];

/** Quoted as in RFC 4180 where needed; numbers in full precision, what does not apply is empty. */
function quote(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV on stdout. A value that is not defined is NA, with its reason in the last column. */
export function writeRowsCsv(terminal: Terminal, rows: readonly Row[]): void {
  terminal.out(`${COLUMNS.map(([name]) => name).join(',')}\n`);
  for (const row of rows) terminal.out(`${COLUMNS.map(([, take]) => quote(take(row))).join(',')}\n`);
}
