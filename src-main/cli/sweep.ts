import type { Command } from 'commander';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { Sweep } from '../experiments/Sweep.ts';
import { readSweepFile } from '../experiments/sweepFile.ts';
import { demoSweep } from './demoSweep.ts';
import { printSweep } from './printSweep.ts';
import { runSweep, type RunSweepOptions } from './runSweep.ts';
import { sweepExportCommand } from './sweepExport.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import {
  type ComparedOptions,
  gridOf,
  type GridOptions,
  sweepFromOptions,
  withComparedOptions,
  withGridOptions,
} from './sweepOptions.ts';
import { writeJson } from './writeJson.ts';

interface SweepOptions extends ComparedOptions, GridOptions, RunSweepOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly demo?: boolean;
}

const FILE_EXAMPLE = `
A sweep as a file; everything but target, donor, probes and grid has a default:
  schema: polarimeter.sweep/1
  name: which repairs bring OOD back
  target: { label: sft, path: ./sft }
  donor: { label: base, path: ./base }
  probes:
    - { name: id, kind: id, path: id.jsonl }
    - { name: ood, kind: ood, path: ood.jsonl }
  grid:
    - { kind: reset-layers, shares: [0.25, 0.5] }
    - { kind: restore, directions: [16, "25 %"], part: [head, head-and-tail], what: [directions, values] }
    - { kind: interpolate, amounts: [0.25, 0.5] }
  controls: { randomLayers: 2, randomStep: 1 }
  settings: { maxTokens: 64, batch: 16 }
`;

/** `sweep`: many repairs with their controls on the same problems. */
export function sweepCommand(program: Command, session: Session): void {
  const { terminal } = session;
  const sweep = withOutputOptions(
    withLimitOptions(withGridOptions(withComparedOptions(program.command('sweep')))),
  )
    .argument('[file]', 'a sweep as YAML or JSON, or the folder of one to go on with')
    .description('evaluate many repairs of a model with their controls, and say which of them beat chance')
    .option('--demo', 'the sweep of the demo study: 27 recipes')
    .option('--dry-run', 'print the trials and evaluate nothing')
    .addHelpText(
      'after',
      examples([
        'sweep --demo',
        'sweep --target ./sft --donor ./base --probe id=id.jsonl --probe ood=ood.jsonl --k 4,16,25% --layers 25%,50%',
        'sweep repairs.yaml --out ./repairs',
        'sweep show ./repairs --json',
        'sweep export ./repairs --out best.yaml',
      ]) + FILE_EXAMPLE,
    )
    .action(async (path: string | undefined, options: SweepOptions) => {
      await sweepAction(session, path, options);
    });
  sweepExportCommand(sweep, session);
  withOutputOptions(sweep.command('show'))
    .argument('<sweep>', 'the folder of a sweep, or its sweep.json')
    .description('print what is stored of a sweep; evaluates nothing')
    .addHelpText('after', examples(['sweep show ./repairs', 'sweep show ./repairs --json']))
    .action((path: string, _options: object, command: Command) => {
      // The command above has the same option and reads it first.
      const options = command.optsWithGlobals<{ json?: boolean }>();
      using opened = Sweep.open(resolve(terminal.folder, path));
      if (options.json) writeJson(terminal, opened.document());
      else printSweep(terminal, opened.document());
    });
}

async function sweepAction(session: Session, path: string | undefined, options: SweepOptions): Promise<void> {
  if (options.demo) {
    if (path !== undefined) throw new PolarimeterError('usage', 'give --demo or a file, not both');
    const { folder, file } = demoSweep();
    await runSweep(session, file, { out: folder, ...options });
    return;
  }
  const { folder } = session.terminal;
  if (path === undefined) {
    const file = sweepFromOptions(options, { grid: gridOf(options), repair: null }, folder);
    await runSweep(session, file, options);
    return;
  }
  const absolute = resolve(folder, path);
  if (existsSync(absolute) && statSync(absolute).isDirectory()) {
    using stored = Sweep.open(absolute);
    await runSweep(session, stored.file, { ...options, out: absolute });
    return;
  }
  await runSweep(session, readSweepFile(absolute), options);
}
