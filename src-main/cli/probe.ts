import type { Command } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { formatCount } from '../contract/format.ts';
import { readProbe } from '../probes/readProbe.ts';
import { askModels, type NamedModel } from './askModels.ts';
import { inkFor } from './ink.ts';
import { KeptAnswers } from './KeptAnswers.ts';
import { labelledPath } from './labelledPath.ts';
import { openProbeModels } from './openProbeModels.ts';
import { printable } from './printable.ts';
import { probeCheckCommand } from './probeCheck.ts';
import { probeCompareCommand } from './probeCompare.ts';
import { probeMakeCommand } from './probeMake.ts';
import type { OpenProbeModels } from './ProbeModels.ts';
import {
  evaluatorFrom,
  probeChoices,
  type ProbeOptions,
  settingsFrom,
  withEvaluatorOptions,
  withProbeOptions,
} from './probeOptions.ts';
import { probeTables } from './probeTables.ts';
import { ProgressLine } from './ProgressLine.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

const FORMAT_HELP = `
A probe is a JSONL file, one problem per line:
  {"id": "p1", "prompt": "2+2=", "verifier": {"kind": "numeric", "answer": 4}, "strata": {"size": "small"}}
Verifiers:
  exact    {"kind": "exact", "answer": "Paris", "ignoreCase": true}            answer: a text, or a list of texts
  numeric  {"kind": "numeric", "answer": 0.5, "absolute": 0.01}               the last number of the answer
  regex    {"kind": "regex", "pattern": "^yes", "flags": "i"}                 found anywhere in the answer
  choice   {"kind": "choice", "choices": [" yes", " no"], "answer": 0}        the choice of highest log-probability
  points   {"kind": "points", "numbers": [3, 3, 8, 8], "target": 24}          a formula, in exact fractions (GeneralPoints)
"strata" splits the table; "twin": "p1" declares a perturbed twin of problem p1, whose drop is paired.
`;

/** `probe MODEL… --probe id=FILE`, and `probe make|check|compare`. */
export function probeCommand(
  program: Command,
  session: Session,
  open: OpenProbeModels = openProbeModels,
): void {
  const command = program
    .command('probe')
    .argument(
      '[models...]',
      '[label=]path of checkpoints or recipes; every other one is compared with the first',
    )
    .description(
      'let models answer problems in and out of distribution, and compare them problem by problem',
    );
  withOutputOptions(withEvaluatorOptions(withProbeOptions(command)))
    .addHelpText('after', FORMAT_HELP)
    .addHelpText(
      'after',
      examples([
        'probe base=./base sft=./sft repair.yaml --probe id=id.jsonl --probe ood=ood.jsonl --max-tokens 24',
        'probe ./sft --probe ood=ood.jsonl --out ./answers --json',
        'probe --endpoint http://localhost:8000/v1 --model my-sft --template chat --probe ood=ood.jsonl',
        'probe make points --rule ood --n 234 --seed 42 --out ood.jsonl',
        'probe check id.jsonl ood.jsonl',
        'probe compare ./results/base ./results/sft',
      ]),
    )
    .action((models: string[], options: ProbeOptions) => probe(session, models, { options, open }));
  // Options that they share with `probe` are parsed by it: they ask for them with optsWithGlobals.
  probeMakeCommand(command, session);
  probeCheckCommand(command, session);
  probeCompareCommand(command, session);
}

async function probe(
  { terminal }: Session,
  typed: readonly string[],
  { options, open }: { readonly options: ProbeOptions; readonly open: OpenProbeModels },
): Promise<void> {
  const named = namedModels(typed, options, terminal.folder);
  const choice = evaluatorFrom(options);
  const settings = settingsFrom(options);
  const probes = probeChoices(options).map((one) => readProbe(one, terminal.folder));
  using kept = options.out === undefined ? null : new KeptAnswers(resolve(terminal.folder, options.out));
  const line = new ProgressLine(terminal);
  const { tries } = options;
  const asked = await withInterrupt(terminal, async (signal) => {
    await using models = open(choice, {
      settings,
      limits: options.memory === undefined ? {} : { memory: options.memory },
      signal,
      line,
    });
    return await askModels(named, models, { probes, settings, tries, signal, line, kept });
  });
  kept?.write(asked.document, asked.lines);
  if (options.json) writeJson(terminal, asked.document);
  else print(terminal, asked.document, options.out);
}

/** Checkpoints and recipes, or models of a server. fails usage without any, and for a label twice */
function namedModels(
  typed: readonly string[],
  { endpoint, model = [] }: ProbeOptions,
  folder: string,
): NamedModel[] {
  if (endpoint !== undefined) {
    if (typed.length > 0) {
      throw new PolarimeterError(
        'usage',
        'with --endpoint the server runs the models: name them with --model',
      );
    }
    if (model.length === 0) throw new PolarimeterError('usage', '--endpoint needs --model NAME');
    return model.map((path) => ({ label: null, path }));
  }
  if (typed.length === 0) {
    throw new PolarimeterError('usage', 'name at least one checkpoint or recipe, or an --endpoint');
  }
  const named = typed.map((text) => labelledPath(text, folder));
  const twice = named.find(
    ({ label }, i) => label !== null && named.findIndex((one) => one.label === label) < i,
  );
  if (twice) throw new PolarimeterError('usage', `two models are called ${twice.label ?? ''}`);
  return named;
}

function print(
  terminal: Terminal,
  document: Parameters<typeof probeTables>[0],
  out: string | undefined,
): void {
  const { evaluator, settings, models } = document;
  terminal.out(probeTables(document, { width: terminal.columns, ink: inkFor(terminal.colour) }));
  const cached = models.flatMap(({ probes }) => probes).reduce((sum, run) => sum + run.cached, 0);
  const greedy =
    settings.temperature === 0 ? 'greedy' : `temperature ${settings.temperature}, seed ${settings.seed}`;
  terminal.out(
    `\nAnswered by ${printable(evaluator.engine)} on ${printable(evaluator.device)}, weights ${printable(evaluator.weights)}: ${greedy}, at most ${formatCount(settings.maxTokens)} tokens,\n` +
      `template ${settings.template}, ${formatCount(settings.batch)} side by side${cached > 0 ? `; ${formatCount(cached)} answers were kept from earlier` : ''}.\n`,
  );
  if (out !== undefined) terminal.out(`Answers lie in ${printable(resolve(terminal.folder, out))}\n`);
}
