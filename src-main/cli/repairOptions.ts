import { type Command, InvalidArgumentError } from 'commander';
import { PolarimeterError } from '../contract/errors.ts';
import { Directions } from '../contract/recipe.ts';
import { type LayerChoice, layerChoice, layersOf } from './layerChoice.ts';
import { list, oneOf } from './optionValues.ts';

/** The usual repairs in options. */
export interface RepairOptions {
  readonly layers?: LayerChoice;
  readonly modules?: readonly string[];
  readonly kinds?: readonly string[];
  readonly top?: Directions;
  readonly bottom?: Directions;
  readonly band?: [number, number];
  readonly values?: 'donor' | 'target';
  readonly vectors?: 'donor' | 'target';
  readonly variant?: 'paper' | 'orthonormal';
  readonly amount?: number;
}

const SIDES = ['donor', 'target'] as const;
const KINDS = ['matrix', 'embedding', 'head', 'norm', 'bias', 'other'] as const;

/** "64" or "25%". */
function directions(text: string): Directions {
  const parsed = Directions.safeParse(/^\d+$/.test(text) ? Number(text) : text);
  if (!parsed.success) throw new InvalidArgumentError('Write a whole number or a share such as 25%.');
  return parsed.data;
}

/** "65-128" */
function band(text: string): [number, number] {
  const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  const range: [number, number] = [Number(from), Number(to)];
  if (!(range[0] >= 1 && range[1] >= range[0]))
    throw new InvalidArgumentError('Write a band of directions such as 65-128, counted from 1.');
  return range;
}

function finite(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('Write a number such as 0.5.');
  return value;
}

export function withRepairOptions(command: Command): Command {
  return command
    .option('--layers <layers>', 'only these layers: 0-3,10 or "first 25%" or "last 4"', layerChoice)
    .option('--modules <names>', 'only these modules, e.g. q_proj,o_proj', list)
    .option('--kinds <kinds>', `only tensors of these kinds: ${KINDS.join(', ')}`, list)
    .option(
      '--top <n>',
      'restore the leading singular directions: a number, or a share such as 25%',
      directions,
    )
    .option('--bottom <n>', 'restore the trailing ones', directions)
    .option('--band <from-to>', 'restore those in between, counted from 1, e.g. 65-128', band)
    .option(
      '--values <side>',
      'singular values of the restored directions: donor (default) or target',
      oneOf(SIDES),
    )
    .option('--vectors <side>', 'their singular vectors: donor (default) or target', oneOf(SIDES))
    .option(
      '--variant <name>',
      'paper (default): as published; orthonormal: the spectrum is what it claims',
      oneOf(['paper', 'orthonormal'] as const),
    )
    .option(
      '--amount <x>',
      'go this far to the donor instead: 0.5 is half way, above 1 extrapolates',
      finite,
    );
}

const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Whether any of the options is there that says what is done. */
export function namesRepair(options: RepairOptions): boolean {
  const { layers, modules, kinds, top, bottom, band: range, values, vectors, variant, amount } = options;
  return [layers, modules, kinds, top, bottom, range, values, vectors, variant, amount].some(
    (option) => option !== undefined,
  );
}

function selectorOf(
  { layers, modules, kinds }: RepairOptions,
  layerCount: number,
): Readonly<Record<string, unknown>> {
  return given({ layers: layers && layersOf(layers, layerCount), modules, kinds });
}

const RESTORING = ['top', 'bottom', 'band', 'values', 'vectors', 'variant'] as const;

/** Fails with `usage` for options that contradict each other. */
function checkCombination(options: RepairOptions): void {
  const named = RESTORING.filter((name) => options[name] !== undefined);
  const directed = named.filter((name) => name === 'top' || name === 'bottom' || name === 'band');
  const refuse = (what: string): PolarimeterError => new PolarimeterError('usage', what);
  if (options.amount !== undefined && named[0] !== undefined)
    throw refuse(
      `--amount moves whole tensors; --${named[0]} is about singular directions: make two recipes of them`,
    );
  if (named.length > 0 && directed.length === 0)
    throw refuse(
      `--${String(named[0])} is about singular directions: say which with --top, --bottom or --band`,
    );
}

/**
 * The edit that the options describe, for the schema to check: a part of the way with --amount, singular directions with --top,
 * --bottom or --band, whole tensors without them. Fails with `usage`.
 */
export function repairEdit(options: RepairOptions, layerCount: number): Readonly<Record<string, unknown>> {
  checkCombination(options);
  const { amount } = options;
  const selector = selectorOf(options, layerCount);
  const tensors = Object.keys(selector).length === 0 ? {} : { tensors: selector };
  if (amount !== undefined) return { edit: 'interpolate', to: 'donor', amount, ...tensors };
  const restoring = given(Object.fromEntries(RESTORING.map((name) => [name, options[name]])));
  const edit = Object.keys(restoring).length === 0 ? 'take' : 'restore';
  return { edit, from: 'donor', ...restoring, ...tensors };
}
