import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { sidesOf } from '../architecture/tensorSides.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { Recipe } from '../contract/recipe.ts';
import { openModel, openRecipe } from '../recipes/openModel.ts';
import { repairEdit, type RepairOptions } from './repairOptions.ts';

export interface RepairSubject {
  /** As they were typed. */
  readonly target: string;
  readonly donor: string;
  readonly name?: string | undefined;
  readonly seed?: number | undefined;
  /** Where the recipe will lie; absent: nowhere. */
  readonly out?: string | undefined;
}

const LONGEST_NAME = 200;

/** One more than the number of the last transformer layer. */
function layerCount(checkpoint: Checkpoint): number {
  return 1 + Math.max(-1, ...[...sidesOf(checkpoint).values()].map(({ role }) => role.layer ?? -1));
}

/** Paths stay as they were typed, relative ones to the folder of the recipe. */
function inputPath(path: string, from: string, to: string | null): string {
  if (isAbsolute(path) || to === null) return resolve(from, path);
  const relativePath = relative(to, resolve(from, path));
  return relativePath.startsWith('.') ? relativePath : `./${relativePath}`;
}

/** The edit in the words of a name: "restored top 25 % of layers 0-1". */
function editName({ edit, amount, top, bottom, band, tensors }: Readonly<Record<string, unknown>>): string {
  const chosen = Object.entries((tensors ?? {}) as Record<string, readonly string[]>);
  const part = chosen.map(([field, values]) => `${field} ${values.join(', ')}`).join(', ');
  const of = part === '' ? '' : ` of ${part}`;
  if (edit === 'take') return `reset${of}`;
  if (edit === 'interpolate') return `moved ${String(amount)}${of}`;
  const parts = Object.entries({ top, bottom, band }).filter(([, value]) => value !== undefined);
  return `restored ${parts.map(([name, value]) => `${name} ${String(value).replace(',', '-')}`).join(', ')}${of}`;
}

/**
 * The recipe of a usual repair, checked against its inputs.
 * @param folder what typed paths are relative to
 * Fails with `usage` for options that contradict each other, with `recipe-invalid`, and as opening the inputs does.
 */
export function repairRecipe(subject: RepairSubject, options: RepairOptions, folder: string): Recipe {
  const { target, donor, name, seed, out } = subject;
  const opened = openModel(resolve(folder, target));
  const edit = repairEdit(options, layerCount(opened));
  const place = out === undefined ? null : dirname(resolve(folder, out));
  const parsed = Recipe.safeParse({
    schema: 'polarimeter.recipe/1',
    name: name ?? `${opened.title}, ${editName(edit)}`.slice(0, LONGEST_NAME),
    target: 'target',
    inputs: {
      target: { path: inputPath(target, folder, place) },
      donor: { path: inputPath(donor, folder, place) },
    },
    edits: [edit],
    ...(seed === undefined ? {} : { seed }),
  });
  if (!parsed.success)
    throw new PolarimeterError('usage', parsed.error.issues[0]?.message ?? 'these options make no recipe');
  openRecipe(parsed.data, place ?? folder);
  return parsed.data;
}
