import process from 'node:process';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exportTrial } from '../api/exportTrial.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { ExportProgress } from '../contract/exportState.ts';
import { formatCount } from '../contract/format.ts';
import type { Exported, ExportTrial, SweepDocument, Trial } from '../contract/sweep.ts';
import { formatBytes } from '../contract/units.ts';
import { sweepServices } from '../experiments/services.ts';
import { Sweep } from '../experiments/Sweep.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { oneOf } from './optionValues.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './ProgressLine.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface ExportOptions extends LimitOptions {
  readonly as: ExportTrial['as'];
  readonly out?: string;
  readonly json?: boolean;
}

/** `sweep export SWEEP [TRIAL] --as FORM --out PATH`: a trial as recipe, checkpoint, GGUF or mergekit configuration. */
export function sweepExportCommand(sweep: Command, session: Session): void {
  withOutputOptions(withLimitOptions(sweep.command('export')))
    .argument('<sweep>', 'the folder of a sweep, or its sweep.json')
    .argument(
      '[trial]',
      'its name as the table gives it, or its id (default: the repair that the gate chose)',
    )
    .description('write a trial of a sweep as recipe, checkpoint, GGUF or mergekit YAML')
    .option(
      '--as <form>',
      'recipe, checkpoint, gguf, mergekit',
      oneOf(['recipe', 'checkpoint', 'gguf', 'mergekit']),
      'recipe',
    )
    .option('--out <path>', 'where to write it; must not be there')
    .addHelpText(
      'after',
      examples([
        'sweep export ./repairs --out best.yaml',
        'sweep export ./repairs "50 % of the way to base" --as checkpoint --out ./repaired',
        'sweep export ./repairs --as gguf --out repaired.gguf',
      ]),
    )
    .action(async (path: string, trial: string | undefined, _options: object, command: Command) => {
      // The command above has some of these options and reads them first.
      const options = command.optsWithGlobals<ExportOptions>();
      await exportAction(session, { path, trial }, options);
    });
}

async function exportAction(
  { terminal }: Session,
  { path, trial }: { readonly path: string; readonly trial: string | undefined },
  options: ExportOptions,
): Promise<void> {
  const folder = resolve(terminal.folder, path);
  if (options.out === undefined) throw new PolarimeterError('usage', 'say where to write it: --out PATH');
  using stored = Sweep.open(folder);
  const chosen = chosenTrial(stored.document(), trial);
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  const services = sweepServices(kernels, { memoryBytes: limits.memoryBytes, env: process.env });
  const request = { trial: chosen.id, as: options.as, path: resolve(terminal.folder, options.out) };
  const line = new ProgressLine(terminal);
  const onProgress = (progress: ExportProgress): void => line.show(() => progressText(progress));
  try {
    const exported = await withInterrupt(terminal, (signal) =>
      exportTrial(chosen, request, {
        folder: stored.folder,
        services,
        kernels,
        watch: { signal, onProgress },
      }),
    );
    line.clear();
    if (options.json) writeJson(terminal, exported);
    else terminal.out(exportedText(chosen, exported));
  } finally {
    line.clear();
  }
}

/** fails usage where there is no such trial, several of that name, or none was chosen */
function chosenTrial({ results, gate }: SweepDocument, named: string | undefined): Trial {
  const trials = results.map(({ trial }) => trial);
  const wanted = named ?? gate.trial;
  if (wanted === null)
    throw new PolarimeterError('usage', 'the gate chose no repair: name a trial', repairsOf(trials));
  const found = trials.filter(({ id, label }) => id === wanted || label === wanted);
  const [only] = found;
  if (only === undefined)
    throw new PolarimeterError('usage', `the sweep has no trial "${wanted}"`, repairsOf(trials));
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ');
    throw new PolarimeterError('usage', `several trials are called "${wanted}": name one by its id`, ids);
  }
  return only;
}

const repairsOf = (trials: readonly Trial[]): string =>
  trials.flatMap(({ kind, label }) => (kind === 'repair' ? [`"${label}"`] : [])).join(', ');

const STAGES: Readonly<Record<ExportProgress['stage'], string>> = {
  pin: 'reading the inputs',
  make: 'tensors made',
  write: 'written',
  verify: 'read back and compared',
};

function progressText({ stage, done, total }: ExportProgress): string {
  if (total === 0) return STAGES[stage];
  const text = stage === 'make' ? formatCount : formatBytes;
  return `${text(done)}/${text(total)} ${STAGES[stage]}`;
}

const exportedText = ({ label }: Trial, { path, bytes, notes }: Exported): string =>
  [`${printable(label)}: ${printable(path)}, ${formatBytes(bytes)}`, ...notes.map(printable), ''].join('\n');
