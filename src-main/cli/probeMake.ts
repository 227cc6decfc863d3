import type { Command } from 'commander';
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { formatCount } from '../contract/format.ts';
import type { Problem } from '../contract/probe.ts';
import { readProbe } from '../probes/readProbe.ts';
import { determinant } from '../probes/tasks/determinant.ts';
import { generalPoints } from '../probes/tasks/generalPoints.ts';
import type { PointsFormat } from '../probes/tasks/pointsPrompt.ts';
import { rank } from '../probes/tasks/rank.ts';
import { probeLines, type TaskChoice, type TaskRule } from '../probes/tasks/seededProblems.ts';
import { studyWriteError } from '../study/fileErrors.ts';
import { count, oneOf } from './optionValues.ts';
import { printable } from './printable.ts';
import { wholeNumber } from './probeOptions.ts';
import type { Session } from './Session.ts';
import { examples } from './sharedOptions.ts';

const TASKS = ['points', 'determinant', 'rank'] as const;

interface MakeOptions {
  readonly rule: TaskRule;
  readonly n: number;
  readonly seed: number;
  readonly format?: PointsFormat;
  readonly grading?: 'paper' | 'lenient';
  readonly out?: string;
  readonly force?: boolean;
}

const TASKS_HELP = `
points       GeneralPoints (arXiv 2501.17161): four cards from 1 to 13 that make 24. id: J, Q and K count 10; ood: 11, 12 and 13, and
             every hand has one. --format json asks with the prompt of the environment and reads its JSON answer, --format compact with
             one line. --grading paper takes digits, + - * / and brackets alone; lenient also takes spaces, typographic signs and x.
determinant  id: 2 x 2 with entries from -4 to 4; ood: 3 x 3 from -5 to 5; never 0 (arXiv 2509.12235)
rank         id: 4 x 5; ood: 5 x 4; every rank from 0 to 4 as often (arXiv 2509.12235)
`;

/** `probe make TASK`: problems of the papers by seed, in or out of distribution. */
export function probeMakeCommand(probe: Command, { terminal }: Session): void {
  probe
    .command('make')
    .argument('<task>', TASKS.join(', '), oneOf(TASKS))
    .description('make the problems of a task of the papers, by seed')
    .requiredOption('--rule <rule>', 'id or ood', oneOf(['id', 'ood']))
    .option('--n <n>', 'problems; 234 as in the papers', count(100_000), 234)
    .option('--seed <n>', 'the same seed makes the same problems', wholeNumber, 42)
    .option('--format <format>', 'of points: json (default) or compact', oneOf(['json', 'compact']))
    .option(
      '--grading <grading>',
      'of points: paper or lenient (default: paper for json)',
      oneOf(['paper', 'lenient']),
    )
    .option('--out <file>', 'write them here instead of to stdout')
    .option('--force', 'replace another probe file')
    .addHelpText('after', TASKS_HELP)
    .addHelpText(
      'after',
      examples([
        'probe make points --rule ood --n 600 --out ood.jsonl',
        'probe make rank --rule id > id.jsonl',
      ]),
    )
    .action((task: (typeof TASKS)[number], _own: object, command: Command) => {
      const options = command.optsWithGlobals<MakeOptions>();
      const lines = probeLines(problemsOf(task, options));
      if (options.out === undefined) {
        terminal.out(lines);
        return;
      }
      const path = resolve(terminal.folder, options.out);
      write(path, lines, options.force ?? false);
      terminal.out(`${formatCount(options.n)} problems in ${printable(path)}\n`);
    });
}

function problemsOf(task: (typeof TASKS)[number], options: MakeOptions): Problem[] {
  const { rule, n, seed, format = 'json' } = options;
  const choice: TaskChoice = { rule, count: n, seed };
  if (task !== 'points' && (options.format !== undefined || options.grading !== undefined)) {
    throw new PolarimeterError('usage', '--format and --grading are of points');
  }
  if (task === 'determinant') return determinant(choice);
  if (task === 'rank') return rank(choice);
  return generalPoints({
    ...choice,
    format,
    grading: options.grading ?? (format === 'json' ? 'paper' : 'lenient'),
  });
}

/** A probe replaces another probe, if that was asked for, and nothing else. fails output-exists */
function write(path: string, text: string, force: boolean): void {
  if (existsSync(path) && !(force && isProbe(path))) {
    if (isProbe(path)) throw new PolarimeterError('output-exists', 'there is a probe at this path', path);
    const what = 'there is a file at this path that is no probe, and is not replaced';
    throw new PolarimeterError('output-exists', what, path, 'choose another path');
  }
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw studyWriteError(error, path);
  }
}

function isProbe(path: string): boolean {
  try {
    readProbe({ name: 'probe', kind: 'id', path, limit: null }, '');
    return true;
  } catch (error) {
    if (error instanceof PolarimeterError) return false;
    throw error;
  }
}
