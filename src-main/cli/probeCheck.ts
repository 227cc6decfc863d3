import type { Command } from 'commander';
import { basename } from 'node:path';
import { formatCount, formatValue } from '../contract/format.ts';
import type { Difficulty } from '../contract/probe.ts';
import { difficulty } from '../probes/difficulty.ts';
import { readProbe, type Probe } from '../probes/readProbe.ts';
import { inkFor } from './ink.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable, type Table } from './table.ts';
import { writeJson } from './writeJson.ts';
import type { ProbeCheckDocument } from './documents.ts';

/** `probe check FILE…`: whether files follow the format, and how hard their problems are before any model has seen them. */
export function probeCheckCommand(probe: Command, { terminal }: Session): void {
  withOutputOptions(probe.command('check'))
    .argument('<files...>', 'probe files; several stand beside each other, e.g. ID and OOD')
    .description('check probe files line by line, and say how hard their problems are')
    .addHelpText('after', examples(['probe check id.jsonl ood.jsonl', 'probe check id.jsonl --json']))
    .action((files: string[], _own: object, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json?: boolean }>();
      const checked = files.map((path) => {
        const read = readProbe({ name: 'probe', kind: 'id', path, limit: null }, terminal.folder);
        return { path, probe: read, found: difficulty(read.problems) };
      });
      if (json) {
        const document: ProbeCheckDocument = {
          schema: 'polarimeter.probe-check/1',
          probes: checked.map(({ path, probe: { fingerprint }, found }) => ({ path, fingerprint, ...found })),
        };
        writeJson(terminal, document);
        return;
      }
      const table = difficultyTable(checked);
      terminal.out(renderTable(table, { width: terminal.columns, ink: inkFor(terminal.colour) }));
      terminal.out('Solutions are counted without orders and brackets that change nothing.\n');
    });
}

interface Checked {
  readonly path: string;
  readonly probe: Probe;
  readonly found: Difficulty;
}

/** A line of the table, or null where it does not apply. */
type Line = readonly [title: string, cell: (one: Checked) => string | null];

const share = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : formatValue(value, 'share');

const LINES: readonly Line[] = [
  ['problems', ({ found }) => formatCount(found.problems)],
  ['different prompts', ({ found }) => formatCount(found.distinctPrompts)],
  ['always the commonest answer', ({ found }) => share(found.commonestAnswer)],
  ['different hands', ({ found }) => found.hands && formatCount(found.hands.distinct)],
  ['hands that came before', ({ found }) => share(found.hands?.duplicates)],
  ['median solutions per hand', ({ found }) => found.hands?.medianSolutions?.toString() ?? null],
  ['hands with one solution', ({ found }) => share(found.hands?.oneSolution)],
  ['hands that need a division', ({ found }) => share(found.hands?.needsDivision)],
  ['hands without a solution', ({ found }) => share(found.hands?.unsolvable)],
  ['fingerprint', ({ probe }) => probe.fingerprint.slice(0, 8)],
];

function difficultyTable(checked: readonly Checked[]): Table {
  return {
    columns: [
      { header: [''], align: 'left' },
      ...checked.map(({ path }) => ({ header: [basename(path)], align: 'right' as const })),
    ],
    lines: LINES.map(([title, cell]) => ({ title, cells: checked.map(cell) }))
      .filter(({ cells }) => cells.some((cell) => cell !== null))
      .map(({ title, cells }) => ({ cells: [title, ...cells.map((cell) => cell ?? '')] })),
  };
}
