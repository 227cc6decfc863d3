import type { Command } from 'commander';
import { resolve } from 'node:path';
import { checkpointTitle } from '../checkpoint/checkpointTitle.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { StudyFile, StudyOptions } from '../contract/study.ts';
import { measureInfo } from '../measures/registry.ts';
import { chooseMeasures } from './chooseMeasures.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import { makeStudy } from './makeStudy.ts';
import { count, dimensions, layerRanges, list, repeated, share, tolerances } from './optionValues.ts';
import { parseVariants, type VariantOptions } from './parseVariants.ts';
import { printPlan } from './printPlan.ts';
import { printResult } from './printResult.ts';
import { type LimitOptions, limitsFrom, runStudy } from './runStudy.ts';
import type { Session } from './Session.ts';
import { shellWord } from '../contract/shellWord.ts';
import type { Terminal } from './Terminal.ts';

const MOST_DIMENSIONS = 4096;

interface CompareOptions extends VariantOptions, LimitOptions {
  readonly out?: string;
  readonly name?: string;
  readonly measures?: readonly string[];
  readonly also?: readonly string[];
  readonly k?: number;
  readonly kSweep?: readonly number[];
  readonly maskShare?: number;
  readonly maskRank?: number;
  readonly layers?: readonly [number, number][];
  readonly modules?: readonly string[];
  readonly tolerances?: readonly number[];
  readonly spectralEmbeddings?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly brief?: boolean;
}

const REFERENCE_HELP = `
What a variant is compared with:
  Every variant is compared with BASE unless --from says otherwise. RL that was trained from an SFT checkpoint
  should be compared with that checkpoint: --from rl=sft. The table names the reference of each column.

Labels:
  LABEL is optional for --sft and --rl: "sft" and "rl", or "sft-1", "sft-2", ... when there are several.
`;

/** `compare BASE …`: makes a study, or opens the same one again, runs it and prints variants side by side. */
export function compareCommand(program: Command, session: Session): void {
  const command = withMeasureOptions(withCheckpointOptions(program.command('compare')))
    .option('--dry-run', 'say what would be compared and what it would cost; write nothing')
    .option('--brief', 'leave out the definitions below the table');
  withOutputOptions(withLimitOptions(command))
    .addHelpText('after', REFERENCE_HELP)
    .addHelpText(
      'after',
      examples([
        'compare ./base --sft ./sft --rl ./rl --from rl=sft',
        'compare ./base --sft ./sft --rl a=./rl-1 --rl b=./rl-2 --from a=sft --from b=sft --memory 4GiB',
        'compare ./base --rl ./rl --measures update,spectrum.nss --layers 0-3 --json',
        'compare ./base --sft ./sft --dry-run',
      ]),
    )
    .action((base: string, options: CompareOptions) => compare(session, base, options));
}

function withCheckpointOptions(command: Command): Command {
  return command
    .argument('<base>', 'the checkpoint that training started from')
    .description('compare SFT, RL and other checkpoints with their base, side by side')
    .option('--sft <[label=]path>', 'a checkpoint after supervised fine-tuning; repeatable', repeated)
    .option('--rl <[label=]path>', 'a checkpoint after reinforcement learning; repeatable', repeated)
    .option('--other <label=path>', 'any other checkpoint; repeatable', repeated)
    .option(
      '--from <label=parent>',
      'compare LABEL with the variant PARENT instead of BASE; repeatable',
      repeated,
    )
    .option(
      '--adapter-base <label=path>',
      'lay the adapter LABEL on this checkpoint instead of the one that it names; repeatable',
      repeated,
    )
    .option('--out <folder>', 'study folder (default: ./NAME.polarimeter)')
    .option('--name <name>', 'name of the study (default: title of the base)');
}

/** Options that say what is measured, and with which parameters. */
function withMeasureOptions(command: Command): Command {
  return command
    .option('--measures <ids>', 'only these measures, by id or its first words, e.g. update,angles', list)
    .option('--also <ids>', 'optional measures besides the usual ones, e.g. svf,ww', list)
    .option('--k <n>', 'dimension of the principal subspaces (default: 128)', count(MOST_DIMENSIONS))
    .option('--k-sweep <list>', 'further dimensions for angles, or none (default: 8,32)', dimensions)
    .option('--mask-share <share>', 'share of the weights in principal and low masks (default: 0.3)', share)
    .option('--mask-rank <n>', 'rank behind the principal mask (default: 64)', count(MOST_DIMENSIONS))
    .option('--layers <ranges>', 'only these layers, e.g. 0-3,10', layerRanges)
    .option('--modules <names>', 'only these modules, e.g. q_proj,o_proj', list)
    .option('--tolerances <list>', 'tolerances of the sweep (default: 1e-8,1e-7,1e-6,1e-5)', tolerances)
    .option('--spectral-embeddings', 'also decompose embeddings and the output head');
}

async function compare(session: Session, base: string, options: CompareOptions): Promise<void> {
  const { terminal } = session;
  const file = studyFile(resolve(terminal.folder, base), options, terminal.folder);
  if (options.dryRun) {
    printPlan(terminal, file, options);
    return;
  }
  using study = makeStudy(file, options.out, terminal.folder);
  remindOfParent(terminal, file);
  await runStudy(session, study, limitsFrom(options));
  printResult(terminal, study, options);
}

function studyFile(base: string, options: CompareOptions, folder: string): StudyFile {
  const variants = parseVariants(options, folder);
  if (variants.length === 0) {
    throw new PolarimeterError(
      'usage',
      'there is nothing to compare the base with: give --sft, --rl or --other',
    );
  }
  return StudyFile.parse({
    schema: 'polarimeter.study/1',
    name: options.name ?? checkpointTitle(base),
    base: { path: base },
    variants,
    options: studyOptions(options),
  });
}

function studyOptions(options: CompareOptions): StudyOptions {
  const { measures = [], also = [], ...others } = options;
  const given = StudyOptions.parse({ ...others, measures: [], also: [] });
  const known = measureInfo(given);
  const ids = (names: readonly string[]): string[] => chooseMeasures(known, names).map(({ id }) => id);
  return { ...given, measures: ids(measures), also: ids(also) };
}

/** RL that was compared with base although an SFT checkpoint is there is often meant otherwise. */
function remindOfParent(terminal: Terminal, { variants }: StudyFile): void {
  const parent = variants.find(({ role }) => role === 'sft');
  const orphans = variants.filter(({ role, from }) => role === 'rl' && from === 'base');
  if (parent === undefined || orphans.length === 0) return;
  const labels = orphans.map(({ label }) => label);
  const fix = labels.map((label) => `--from ${shellWord(`${label}=${parent.label}`)}`).join(' ');
  terminal.err(
    `Note: ${labels.join(', ')} ${labels.length > 1 ? 'are' : 'is'} compared with base. If the RL started from ${parent.label}, add: ${fix}\n`,
  );
}
