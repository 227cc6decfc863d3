import type { Inspection } from '../contract/checkpoint.ts';
import { formatCompact, formatCount } from '../contract/format.ts';
import { formatBytes } from '../contract/units.ts';
import { inkFor } from './ink.ts';
import { printable } from './printable.ts';
import type { TableColumn } from './table.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';

type Collection = Pick<Extract<Inspection, { kind: 'collection' }>, 'found' | 'rejected'>;

const INDENT = '  ';

const left = (name: string): TableColumn => ({ header: [name], align: 'left' });
const right = (name: string): TableColumn => ({ header: [name], align: 'right' });

/** Prints the checkpoints of folders, and below them the folders that are none, each with its reason. */
export function printCollection(terminal: Terminal, { found, rejected }: Collection): void {
  const layout = { width: terminal.columns, ink: inkFor(terminal.colour) };
  if (found.length > 0) {
    const columns = [
      left('checkpoint'),
      left('format'),
      right('parameters'),
      right('size'),
      right('step'),
      left('path'),
    ];
    const lines = found.map(({ title, format, parameters, bytes, step, path }) => ({
      cells: [
        printable(title),
        format,
        formatCompact(parameters),
        formatBytes(bytes),
        step === null ? '' : formatCount(step),
        printable(path),
      ],
    }));
    terminal.out(`\n${renderTable({ columns, lines }, layout)}`);
  }
  if (rejected.length > 0) terminal.out(`\n${layout.ink.strong('Not a checkpoint')}\n`);
  for (const { path, reason } of rejected) {
    const lines = wrapText(`${INDENT}${printable(reason)}`, terminal.columns, INDENT);
    terminal.out(`${printable(path)}\n${lines.join('\n')}\n`);
  }
}
