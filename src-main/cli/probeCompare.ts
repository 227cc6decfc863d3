import type { Command } from 'commander';
import { PolarimeterError } from '../contract/errors.ts';
import { formatCount } from '../contract/format.ts';
import type { LmEvalDocument, MetricComparison, MetricPaired } from '../contract/lmEval.ts';
import { importResults } from '../probes/lmEval/importResults.ts';
import { accuracyText, differenceText, meanText, pointsText, pText } from './accuracyText.ts';
import { Footnotes } from './Footnotes.ts';
import { inkFor } from './ink.ts';
import { labelledPath } from './labelledPath.ts';
import { list } from './optionValues.ts';
import { printable } from './printable.ts';
import { wholeNumber } from './probeOptions.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable, type TableColumn, type TableLine } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

interface CompareOptions {
  readonly tasks?: readonly string[];
  readonly seed: number;
  readonly json?: boolean;
}

/** `probe compare FOLDER…`: results of lm-evaluation-harness, paired by document. */
export function probeCompareCommand(probe: Command, { terminal }: Session): void {
  withOutputOptions(probe.command('compare'))
    .argument(
      '<folders...>',
      '[label=]folder with results_*.json and samples_*.jsonl; every other one is compared with the first',
    )
    .description('compare results of lm-evaluation-harness problem by problem')
    .option('--tasks <names>', 'only these tasks', list)
    .option('--seed <n>', 'of the bootstrap', wholeNumber, 42)
    .addHelpText(
      'after',
      examples([
        'probe compare ./results/base ./results/sft',
        'probe compare base=./a sft=./b --tasks gsm8k --json',
      ]),
    )
    .action((folders: string[], _own: object, command: Command) => {
      const { tasks, seed, json } = command.optsWithGlobals<CompareOptions>();
      if (folders.length < 2) throw new PolarimeterError('usage', 'name at least two folders of results');
      const choices = folders.map((text) => labelledPath(text, terminal.folder));
      const document = importResults(choices, { tasks: tasks ?? null, seed });
      if (json) writeJson(terminal, document);
      else print(terminal, document);
    });
}

const COLUMNS: readonly TableColumn[] = [
  { header: ['task and model'], align: 'left' },
  { header: ['n'], align: 'right' },
  { header: ['value'], align: 'right' },
  { header: ['gained'], align: 'right' },
  { header: ['lost'], align: 'right' },
  { header: ['difference'], align: 'right' },
  { header: ['p'], align: 'right' },
  { header: ['p after', 'Holm'], align: 'right' },
  { header: ['detectable'], align: 'right' },
];

function print(terminal: Terminal, document: LmEvalDocument): void {
  const notes = new Footnotes();
  const lines = document.comparisons.flatMap((comparison) => comparisonLines(document, comparison, notes));
  terminal.out(
    renderTable({ columns: COLUMNS, lines }, { width: terminal.columns, ink: inkFor(terminal.colour) }),
  );
  for (const note of notes.lines()) terminal.out(`${printable(note)}\n`);
  for (const { task, metric, reason } of document.skipped) {
    terminal.out(
      `not compared: ${printable(task)}${metric === null ? '' : ` ${printable(metric)}`}: ${printable(reason)}\n`,
    );
  }
  terminal.out(
    `\nPaired by doc_hash with ${printable(document.models[0]?.label ?? '')}. Intervals: 95 %, Wilson for shares, bootstrap over problems for other values and for\n` +
      'differences. p: exact two-sided McNemar test, corrected by Holm over this table. Shares are in per cent, their differences in points.\n',
  );
}

const ARROWS = { true: ' \u2191', false: ' \u2193' } as const;

function comparisonLines(
  { models }: LmEvalDocument,
  comparison: MetricComparison,
  notes: Footnotes,
): TableLine[] {
  const { task, metric, filter, shots, version, higherIsBetter, n, values, paired, note } = comparison;
  const arrow = higherIsBetter === null ? '' : ARROWS[`${higherIsBetter}`];
  const parts = [
    `${task}: ${metric}${arrow}`,
    ...(filter === 'none' ? [] : [filter]),
    ...(shots === null ? [] : [`${shots}-shot`]),
    ...(version === null ? [] : [`version ${version}`]),
  ];
  const isShare = paired.every(({ p }) => p !== null);
  return [
    {
      cells: [`${parts.join(', ')}${note === null ? '' : ` ${notes.mark(note)}`}`],
      section: true,
      emphasis: 'strong',
    },
    ...models.map(({ label }, index): TableLine => {
      const value = values[index];
      const other = paired.find(({ model }) => model === index);
      const text =
        value &&
        (isShare ? accuracyText({ ...value, value: value.mean }) : meanText(value.mean, value.interval));
      return {
        cells: [`  ${label}`, formatCount(n), text ?? '', ...(other ? pairedCells(other, isShare) : [])],
      };
    }),
  ];
}

function pairedCells(
  { gained, lost, difference, interval, p, pAdjusted, detectable }: MetricPaired,
  isShare: boolean,
): string[] {
  return [
    formatCount(gained),
    formatCount(lost),
    isShare ? differenceText(difference, interval) : meanText(difference, interval),
    p === null ? '' : pText(p),
    pAdjusted === null ? '' : pText(pAdjusted),
    detectable === null ? '' : pointsText(detectable),
  ];
}
