import type { Command } from 'commander';
import { formatCount, formatPlain } from '../contract/format.ts';
import type { MadeTensor } from '../contract/recipe.ts';
import { formatBytes } from '../contract/units.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { inkFor } from './ink.ts';
import { makeModel } from './makeModel.ts';
import { ProgressLine } from './ProgressLine.ts';
import { recipeFile } from './recipeFile.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { renderTable, type TableColumn } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface MakeOptions extends LimitOptions {
  readonly json?: boolean;
}

/** `recipe make FILE`: computes the tensors that a recipe changes into the work folder. */
export function recipeMakeCommand(recipe: Command, { terminal }: Session): void {
  withOutputOptions(withLimitOptions(recipe.command('make')))
    .argument('<recipe>', 'a recipe file')
    .description('compute the tensors that a recipe changes, into the work folder; what is there is kept')
    .addHelpText(
      'after',
      examples(['recipe make repair.yaml', 'recipe make repair.yaml --memory 4GiB --json']),
    )
    .action(async (typed: string, options: MakeOptions) => {
      const { path, checkpoint } = recipeFile(typed, terminal.folder);
      const limits = limitsFrom(options);
      using kernels = new Kernels({ threads: limits.threads });
      const line = new ProgressLine(terminal);
      try {
        const tensors = await withInterrupt(terminal, (signal) =>
          makeModel(checkpoint, kernels, { limits, signal, line }),
        );
        if (options.json) writeJson(terminal, { schema: 'polarimeter.made/1', path, tensors });
        else print(terminal, tensors);
      } finally {
        line.clear();
      }
    });
}

const COLUMNS: readonly TableColumn[] = [
  { header: ['tensor'], align: 'left' },
  { header: ['size'], align: 'right' },
  { header: ['moved', '(Frobenius)'], align: 'right' },
  { header: ['added by', 'rounding'], align: 'right' },
  { header: ['V/O product', 'error'], align: 'right' },
];

function print(terminal: Terminal, tensors: readonly MadeTensor[]): void {
  const made = tensors.filter(({ taken }) => !taken);
  const number = (value: number | null): string => (value === null ? '' : formatPlain(value));
  const withProducts = made.some(({ productError }) => productError !== null);
  const lines = made.map(({ tensor, bytes, moved, rounding, productError }) => ({
    cells: [
      tensor,
      formatBytes(bytes),
      number(moved),
      number(rounding),
      ...(withProducts ? [number(productError)] : []),
    ],
  }));
  const columns = withProducts ? COLUMNS : COLUMNS.slice(0, -1);
  if (lines.length > 0)
    terminal.out(
      `${renderTable({ columns, lines }, { width: terminal.columns, ink: inkFor(terminal.colour) })}\n`,
    );
  const bytes = made.reduce((sum, each) => sum + each.bytes, 0);
  terminal.out(
    `${formatCount(made.length)} tensors are made: ${formatBytes(bytes)}; ${formatCount(tensors.length - made.length)} are taken from inputs as they are.\n`,
  );
}
