import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { PolarimeterError } from '../contract/errors.ts';
import { EvaluatorChoice, GenerationSettings } from '../contract/evaluator.ts';
import { ProbeChoice, ProbeKind } from '../contract/probe.ts';
import { count, memorySize, oneOf, repeated } from './optionValues.ts';

export interface ProbeOptions {
  readonly memory?: number;
  readonly threads?: number;
  readonly probe?: readonly string[];
  readonly limit?: number;
  readonly out?: string;
  readonly endpoint?: string;
  readonly model?: readonly string[];
  readonly keyVariable?: string;
  readonly timeout?: number;
  readonly api?: 'completions' | 'chat';
  readonly device: 'auto' | 'cpu' | 'cuda' | 'metal' | 'vulkan';
  readonly weights: 'stored' | 'F32' | 'F16' | 'BF16';
  readonly batch: number;
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  readonly template: 'none' | 'chat';
  readonly temperature: number;
  readonly seed: number;
  readonly tries: number;
  readonly json?: boolean;
}

const MOST_TRIES = 20;
const MOST_THREADS = 1024;

/** What is asked, and how. */
export function withProbeOptions(command: Command): Command {
  return command
    .option(
      '--probe <name=file>',
      'problems as JSONL; "id" and "ood" begin the name of a kind; repeatable',
      repeated,
    )
    .option('--memory <size>', 'workspace for making tensors of recipes, e.g. 8GiB', memorySize)
    .option(
      '--threads <n>',
      'threads of llama.cpp (default: as measured to be best here)',
      count(MOST_THREADS),
    )
    .option('--limit <n>', 'only the first so many problems of each probe', count(100_000))
    .option('--out <folder>', 'keep every answer here, and go on from what is kept')
    .option('--max-tokens <n>', 'longest answer', count(65_536), 256)
    .option('--stop <text>', 'a text that ends an answer, with \\n for a line break; repeatable', repeated)
    .option(
      '--template <template>',
      'none: prompts as they are; chat: as a user message',
      oneOf(['none', 'chat']),
      'none',
    )
    .option('--temperature <t>', '0 is greedy', temperature, 0)
    .option('--seed <n>', 'of sampled answers', wholeNumber, 42)
    .option('--batch <n>', 'problems answered side by side', count(512), 16)
    .option(
      '--tries <n>',
      'tries per problem, told in between what was wrong; 5 as in GeneralPoints',
      count(MOST_TRIES),
      1,
    );
}

/** What answers. */
export function withEvaluatorOptions(command: Command): Command {
  return command
    .option(
      '--device <device>',
      'where llama.cpp computes',
      oneOf(['auto', 'cpu', 'cuda', 'metal', 'vulkan']),
      'cpu',
    )
    .option(
      '--weights <type>',
      'element type of the converted model',
      oneOf(['stored', 'F32', 'F16', 'BF16']),
      'stored',
    )
    .option('--endpoint <url>', 'ask this OpenAI-compatible server instead, e.g. http://localhost:8000/v1')
    .option('--model <name>', 'a model of that server; repeatable', repeated)
    .option('--api <api>', 'of that server: completions or chat', oneOf(['completions', 'chat']))
    .option('--key-variable <name>', 'environment variable with the key of that server')
    .option('--timeout <seconds>', 'wait so long for an answer of that server (default: 120)', count(3600));
}

function temperature(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 10)) {
    throw new InvalidArgumentError('Write a number from 0 to 10.');
  }
  return value;
}

const MOST_SEED = 0xffffffff;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > MOST_SEED) {
    throw new InvalidArgumentError(`Write a whole number from 0 to ${MOST_SEED}.`);
  }
  return value;
}

export function settingsFrom(options: ProbeOptions): GenerationSettings {
  const { maxTokens, template, temperature: degrees, seed, batch, stop = [] } = options;
  return GenerationSettings.parse({
    maxTokens,
    template,
    temperature: degrees,
    seed,
    batch,
    stop: stop.map((text) => text.replaceAll('\\n', '\n')),
  });
}

/** fails usage for what contradicts itself */
export function evaluatorFrom(options: ProbeOptions): EvaluatorChoice {
  const { endpoint, model, template, keyVariable = null, device, weights, threads = null } = options;
  if (endpoint === undefined) {
    if (model !== undefined) throw new PolarimeterError('usage', '--model names a model of --endpoint');
    return EvaluatorChoice.parse({ kind: 'embedded', device, weights, threads });
  }
  const api = options.api ?? (template === 'chat' ? 'chat' : 'completions');
  const [name = ''] = model ?? [];
  const read = EvaluatorChoice.safeParse({
    kind: 'endpoint',
    url: endpoint,
    model: name,
    api,
    keyVariable,
    timeoutSeconds: options.timeout,
  });
  if (read.success) return read.data;
  const isKey = read.error.issues.some(({ path }) => path.includes('keyVariable'));
  throw new PolarimeterError(
    'usage',
    isKey
      ? `--key-variable ${keyVariable ?? ''}: write the name of an environment variable such as API_KEY, not the key itself`
      : `--endpoint ${endpoint}: write an address such as http://localhost:8000/v1`,
  );
}

/** "id=FILE", "ood-hard=FILE", or a file whose name begins with the kind. fails usage */
export function probeChoices({ probe = [], limit }: ProbeOptions): ProbeChoice[] {
  if (probe.length === 0)
    throw new PolarimeterError('usage', 'name at least one --probe id=FILE or --probe ood=FILE');
  const choices = probe.map((text) => {
    const at = text.indexOf('=');
    const name = at < 0 ? '' : text.slice(0, at);
    const kind = ProbeKind.options.find((one) => new RegExp(`^${one}([._-]|$)`, 'i').test(name));
    const read = ProbeChoice.safeParse({ name, kind, path: text.slice(at + 1), limit: limit ?? null });
    if (!read.success) {
      const message = `--probe ${text}: write a name that begins with id or ood, e.g. --probe id=problems.jsonl or --probe ood-hard=other.jsonl`;
      throw new PolarimeterError('usage', message);
    }
    return read.data;
  });
  const twice = choices.find(({ name }, i) => choices.findIndex((other) => other.name === name) < i);
  if (twice) throw new PolarimeterError('usage', `two probes are called ${twice.name}`);
  return choices;
}
