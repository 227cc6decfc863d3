import { type Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { Directions } from '../contract/recipe.ts';
import type { SweepFile } from '../contract/sweep.ts';
import { absoluteSweep, parseSweepFile } from '../experiments/sweepFile.ts';
import { count, list, oneOf, repeated } from './optionValues.ts';
import {
  evaluatorFrom,
  probeChoices,
  type ProbeOptions,
  settingsFrom,
  wholeNumber,
  withEvaluatorOptions,
} from './probeOptions.ts';

/** Models, problems and settings of `sweep` and `repair`. */
export interface ComparedOptions extends Omit<ProbeOptions, 'probe' | 'tries'> {
  readonly target?: string;
  readonly donor?: string;
  readonly reference?: string;
  readonly other?: readonly string[];
  readonly probe?: readonly string[];
  readonly name?: string;
  readonly randomLayers?: number;
  readonly randomSteps?: number;
  readonly controls: boolean;
}

/** The grid of `sweep` in options. */
export interface GridOptions {
  readonly k?: readonly Directions[];
  readonly parts?: readonly string[];
  readonly what?: readonly string[];
  readonly variants?: readonly string[];
  readonly layers?: readonly number[];
  readonly lastLayers?: readonly number[];
  readonly withEmbeddings?: boolean;
  readonly amounts?: readonly number[];
  readonly ranks?: readonly Directions[];
  readonly recipes?: readonly string[];
}

/** "1,4,25%" */
function directions(text: string): Directions[] {
  return text.split(',').map((part) => {
    const trimmed = part.trim();
    const parsed = Directions.safeParse(/^\d+$/.test(trimmed) ? Number(trimmed) : trimmed);
    if (!parsed.success) throw new InvalidArgumentError('Write numbers and shares such as 4,16,25%.');
    return parsed.data;
  });
}

/** "25%,0.5" */
function shares(text: string): number[] {
  return text.split(',').map((part) => {
    const [, number = '', sign] = /^\s*(\d*\.?\d+)\s*(%?)\s*$/.exec(part) ?? [];
    const value = Number(number || Number.NaN) / (sign === '%' ? 100 : 1);
    if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Write shares such as 25%,50%.');
    return value;
  });
}

function numbers(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite)) throw new InvalidArgumentError('Write numbers such as 0.25,0.5.');
  return values;
}

const upTo20 = (text: string): number => (text === '0' ? 0 : count(20)(text));

function temperature(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 10))
    throw new InvalidArgumentError('Write a number from 0 to 10.');
  return value;
}

/** How problems are asked. */
function withAnswerOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'only the first so many problems of each probe', count(100_000))
    .option('--max-tokens <n>', 'longest answer', count(65_536), 256)
    .option('--stop <text>', 'a text that ends an answer, with \\n for a line break; repeatable', repeated)
    .option(
      '--template <template>',
      'none: prompts as they are; chat: as a user message',
      oneOf(['none', 'chat']),
      'none',
    )
    .option('--temperature <t>', '0 is greedy', temperature, 0)
    .option('--seed <n>', 'of everything that is drawn', wholeNumber, 42)
    .option('--batch <n>', 'problems answered side by side', count(512), 16);
}

export function withComparedOptions(command: Command): Command {
  return withEvaluatorOptions(
    withAnswerOptions(
      command
        .option('--target <model>', 'what forgot, e.g. the SFT checkpoint; LABEL=PATH names it')
        .option('--donor <model>', 'what is restored from, e.g. its base')
        .option('--reference <model>', 'what recovery is measured against (default: the donor)')
        .option('--other <model>', 'shown beside, e.g. what RL made of the target; repeatable', repeated)
        .option(
          '--probe <name=file>',
          'problems as JSONL; "id" and "ood" begin the name of a kind; repeatable',
          repeated,
        )
        .option('--name <name>', 'name of the sweep')
        .option('--out <folder>', 'folder of the sweep (default: NAME.sweep here)')
        .option('--random-layers <n>', 'random draws of layers for each layer reset (default: 2)', upTo20)
        .option('--random-steps <n>', 'random steps of equal norm for each repair (default: 1)', upTo20)
        .option('--no-controls', 'evaluate no control: nothing then tells a repair from chance'),
    ),
  );
}

export function withGridOptions(command: Command): Command {
  return command
    .option('--k <numbers>', 'restore so many singular directions: 1,4,16 or shares of them, 25%', directions)
    .option('--parts <parts>', 'of the spectrum: head (default), tail, head-and-tail', list)
    .option('--what <what>', 'directions (default), triplets, values', list)
    .option('--variants <variants>', 'paper (default), orthonormal', list)
    .option('--layers <shares>', 'take the first share of the layers: 25%,50%', shares)
    .option('--last-layers <shares>', 'take the last share of the layers', shares)
    .option('--with-embeddings', 'layer resets take embeddings, head and final norm as well')
    .option('--amounts <numbers>', 'go this far to the donor: 0.25,0.5', numbers)
    .option('--ranks <numbers>', 'cut the update since the donor to this rank', directions)
    .option('--recipes <files>', 'recipe files as they are', list);
}

/** "LABEL=PATH", or a path whose last part is the label. */
function model(text: string): { label: string; path: string } {
  const named = /^([^=/\\]{1,64})=(.+)$/.exec(text);
  if (named) return { label: named[1] ?? '', path: named[2] ?? '' };
  const parts = text.split(/[\\/]/).filter((part) => part !== '');
  return { label: (parts.at(-1) ?? text).slice(0, 64), path: text };
}

const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export function gridOf(options: GridOptions): unknown[] {
  const { k, parts: part, what, variants: variant, layers, lastLayers, withEmbeddings } = options;
  const { amounts, ranks, recipes } = options;
  return [
    layers && present({ kind: 'reset-layers', shares: layers, withEmbeddings }),
    lastLayers && present({ kind: 'reset-layers', shares: lastLayers, end: 'last', withEmbeddings }),
    k && present({ kind: 'restore', directions: k, part, what, variant }),
    amounts && { kind: 'interpolate', amounts },
    ranks && { kind: 'truncate-update', ranks },
    recipes && { kind: 'recipes', paths: recipes },
  ].filter((entry) => entry !== undefined);
}

function controlsOf({ controls, randomLayers, randomSteps }: ComparedOptions): object {
  return controls
    ? present({ randomLayers, randomStep: randomSteps })
    : { randomLayers: 0, randomStep: 0, matchedRollBack: false, fullRollBack: false, embeddingsApart: false };
}

const needed = <T>(value: T | undefined, option: string): T => {
  if (value === undefined)
    throw new PolarimeterError('usage', `${option} is missing; or give the sweep as a file`);
  return value;
};

/** A sweep from options, its paths absolute. fails usage sweep-invalid */
export function sweepFromOptions(
  options: ComparedOptions,
  more: { readonly grid: readonly unknown[]; readonly repair: unknown },
  folder: string,
): SweepFile {
  const target = model(needed(options.target, '--target'));
  const donor = model(needed(options.donor, '--donor'));
  const complete = { ...options, probe: needed(options.probe, '--probe'), tries: 1 };
  const file = parseSweepFile(
    {
      schema: 'polarimeter.sweep/1',
      name: options.name ?? `${target.label} from ${donor.label}`,
      target,
      donor,
      reference: options.reference === undefined ? null : model(options.reference),
      others: (options.other ?? []).map(model),
      probes: probeChoices(complete),
      ...more,
      controls: controlsOf(options),
      evaluator: evaluatorFrom(complete),
      settings: settingsFrom(complete),
      seed: options.seed,
    },
    'the options',
  );
  return absoluteSweep(file, resolve(folder));
}
