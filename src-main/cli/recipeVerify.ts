import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { PolarimeterError } from '../contract/errors.ts';
import { EvaluatorChoice, GenerationSettings } from '../contract/evaluator.ts';
import { formatPlain } from '../contract/format.ts';
import type { MadeTensor } from '../contract/recipe.ts';
import { type FunctionChange, functionChange } from '../inference/compareDistributions.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { readProbe } from '../probes/readProbe.ts';
import { makeModel } from './makeModel.ts';
import { openProbeModels } from './openProbeModels.ts';
import { count, oneOf } from './optionValues.ts';
import { ProgressLine } from './ProgressLine.ts';
import type { ProbeModels } from './ProbeModels.ts';
import type { FunctionChangeDocument } from './recipeDocuments.ts';
import { type RecipeFile, recipeFile } from './recipeFile.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface VerifyOptions extends LimitOptions {
  readonly text?: string;
  readonly probe?: string;
  readonly limit: number;
  readonly weights: 'stored' | 'F32';
  readonly json?: boolean;
}

const HELP = `
Reads texts with the target and with the recipe in llama.cpp, and says how far what they say next lies apart at every token: the largest
change of a logit, which are compared up to their common shift, and the mean divergence KL(target || recipe). For edits that preserve the
function, rotate-heads and permute-heads, that is what rounding to the stored element type did, together with the arithmetic of
llama.cpp: --weights F32 keeps the stored values and computes with them in float32.
`;

/** `recipe verify FILE`: what a recipe changes in what the model says. */
export function recipeVerifyCommand(recipe: Command, session: Session): void {
  const command = recipe
    .command('verify')
    .argument('<recipe>', 'a recipe file')
    .description('say how far a recipe changes what its target says: for edits that should not')
    .option('--text <file>', 'a text that both read, each paragraph by itself')
    .option('--probe <file>', 'problems as JSONL whose prompts both read')
    .option('--limit <n>', 'only the first so many texts', count(100_000), 32)
    .option('--weights <type>', 'element type of the converted model', oneOf(['stored', 'F32']), 'stored');
  withOutputOptions(withLimitOptions(command))
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples([
        'recipe verify rotated.yaml --text sample.txt',
        'recipe verify rotated.yaml --probe id.jsonl',
      ]),
    )
    .action((typed: string, options: VerifyOptions) => verify(session, typed, options));
}

async function verify({ terminal }: Session, typed: string, options: VerifyOptions): Promise<void> {
  const file = recipeFile(typed, terminal.folder);
  const texts = textsOf(options, terminal.folder);
  const line = new ProgressLine(terminal);
  try {
    const document = await withInterrupt(terminal, (signal) =>
      compareWithTarget(file, texts, { options, signal, line }),
    );
    if (options.json) writeJson(terminal, document);
    else print(terminal, document);
  } finally {
    line.clear();
  }
}

function textsOf({ text, probe, limit }: VerifyOptions, folder: string): string[] {
  if ((text === undefined) === (probe === undefined))
    throw new PolarimeterError('usage', 'name what is to be read: --text FILE or --probe FILE');
  if (probe !== undefined) {
    const choice = { name: 'texts', kind: 'id' as const, path: resolve(folder, probe), limit };
    return readProbe(choice, folder).problems.map(({ prompt }) => prompt);
  }
  const path = resolve(folder, text ?? '');
  const paragraphs = readText(path)
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
  if (paragraphs.length === 0) throw new PolarimeterError('usage', 'the file holds no text', path);
  return paragraphs.slice(0, limit);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PolarimeterError('usage', `the text cannot be read: ${(error as Error).message}`, path);
  }
}

interface Verifying {
  readonly options: VerifyOptions;
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
}

async function compareWithTarget(
  { path, checkpoint }: RecipeFile,
  texts: readonly string[],
  { options, signal, line }: Verifying,
): Promise<FunctionChangeDocument> {
  const made = await makeAll(checkpoint, { options, signal, line });
  const choice = EvaluatorChoice.parse({ kind: 'embedded', weights: options.weights });
  const settings = GenerationSettings.parse({});
  await using models = openProbeModels(choice, { settings, limits: options, signal, line });
  const target = checkpoint.recipe?.target ?? path;
  const before = await distributionsOf(models, target, texts);
  const after = await distributionsOf(models, path, texts);
  return {
    schema: 'polarimeter.function-change/1',
    path,
    target,
    weights: options.weights,
    texts: texts.length,
    ...together(texts.map((_, i) => functionChange(before[i] ?? [], after[i] ?? []))),
    productError: largest(made.map(({ productError }) => productError)),
    rounding: lengthOf(made.map(({ rounding }) => rounding ?? 0)),
    moved: lengthOf(made.map(({ moved }) => moved ?? 0)),
  };
}

async function makeAll(
  checkpoint: RecipeFile['checkpoint'],
  { options, signal, line }: Verifying,
): Promise<MadeTensor[]> {
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  return await makeModel(checkpoint, kernels, { limits, signal, line });
}

async function distributionsOf(
  models: ProbeModels,
  model: string,
  texts: readonly string[],
): Promise<Float64Array[][]> {
  await using loaded = await models.load(model);
  const read: Float64Array[][] = [];
  for (const text of texts) read.push(await loaded.evaluator.distributions(text));
  return read;
}

function together(changes: readonly FunctionChange[]): FunctionChange {
  const positions = changes.reduce((sum, change) => sum + change.positions, 0);
  const kl = changes.reduce((sum, change) => sum + change.meanKl * change.positions, 0);
  // Math.max keeps NaN.
  const maxLogitChange = Math.max(0, ...changes.map((change) => change.maxLogitChange));
  return { maxLogitChange, meanKl: kl / positions, positions };
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

const lengthOf = (values: readonly number[]): number => Math.hypot(...values);

function print(terminal: Terminal, change: FunctionChangeDocument): void {
  const { texts, positions, maxLogitChange, meanKl, productError, rounding, moved, weights } = change;
  terminal.out(
    [
      `${String(texts)} texts, ${String(positions)} tokens, weights ${weights}`,
      `largest change of a logit      ${formatPlain(maxLogitChange)}`,
      `mean KL(target || recipe)      ${formatPlain(meanKl)} nats per token`,
      `step before rounding           ${formatPlain(moved)} (Frobenius norm over computed tensors)`,
      `added by rounding              ${formatPlain(rounding)} (Frobenius norm)`,
      ...(productError === null
        ? []
        : [
            `o_proj v_proj, per head        ${formatPlain(productError)} (largest relative change before rounding, float64)`,
          ]),
      '',
    ].join('\n'),
  );
}
