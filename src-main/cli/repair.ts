import type { Command } from 'commander';
import { resolve } from 'node:path';
import { readSweepFile } from '../experiments/sweepFile.ts';
import { RepairChoice } from '../contract/sweep.ts';
import { count, share } from './optionValues.ts';
import { runSweep, type RunSweepOptions } from './runSweep.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { type ComparedOptions, sweepFromOptions, withComparedOptions } from './sweepOptions.ts';

interface RepairOptions extends ComparedOptions, RunSweepOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly evaluations?: number;
  readonly keepOneOf?: number;
  readonly heldOut?: number;
  readonly mayCost?: number;
}

const MOST_EVALUATIONS = 10_000;

/** `repair`: choose a repair within a budget, confirm it on other problems, answer the gate. */
export function repairCommand(program: Command, session: Session): void {
  withOutputOptions(withLimitOptions(withComparedOptions(program.command('repair'))))
    .argument('[file]', 'a sweep as YAML or JSON, whose grid is tried first')
    .description('choose layers and ranks by successive halving, and confirm the winner on held-out problems')
    .option(
      '--evaluations <n>',
      'budget: full evaluations of a recipe (default: 24)',
      count(MOST_EVALUATIONS),
    )
    .option('--keep-one-of <n>', 'each rung keeps one of so many (default: 2)', count(8))
    .option('--held-out <share>', 'problems kept back to confirm the winner (default: 50%)', share)
    .option('--may-cost <points>', 'ID accuracy that a repair may cost, e.g. 2% (default: 2%)', share)
    .addHelpText(
      'after',
      examples([
        'repair --target ./sft --donor ./base --probe id=id.jsonl --probe ood=ood.jsonl --evaluations 24',
        'repair repairs.yaml --out ./repair --may-cost 1%',
      ]),
    )
    .action(async (path: string | undefined, options: RepairOptions) => {
      const { evaluations, keepOneOf, heldOut, mayCost } = options;
      const given = Object.entries({ evaluations, keepOneOf, heldOut, mayCost });
      const repair = RepairChoice.parse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
      const { folder } = session.terminal;
      const file =
        path === undefined
          ? sweepFromOptions(options, { grid: [], repair }, folder)
          : { ...readSweepFile(resolve(folder, path)), repair };
      await runSweep(session, file, options);
    });
}
