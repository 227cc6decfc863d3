import type { RowsDocument } from '../contract/rows.ts';
import type { Terminal } from './Terminal.ts';

/** JSON has no NaN or infinity: they become words. */
function words(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** One JSON document on stdout. */
export function writeJson(terminal: Terminal, document: object): void {
  terminal.out(`${JSON.stringify(document, words, 2)}\n`);
}

const ROWS_AT_ONCE = 1000;

/** A rows document, one row per line, written in pieces: a large model has more rows than one string can hold. */
export function writeRowsJson(terminal: Terminal, { schema, study, rows }: RowsDocument): void {
  terminal.out(`{"schema": ${JSON.stringify(schema)}, "study": ${JSON.stringify(study)}, "rows": [\n`);
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const lines = rows.slice(start, start + ROWS_AT_ONCE).map((row) => JSON.stringify(row, words));
    const last = start + ROWS_AT_ONCE >= rows.length;
    terminal.out(`${lines.join(',\n')}${last ? '' : ','}\n`);
  }
  terminal.out(']}\n');
}
