import { resolve } from 'node:path';
import { Document, isScalar, visit } from 'yaml';
import { sidesOf } from '../architecture/tensorSides.ts';
import { must } from '../base/assert.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { Edit, Recipe } from '../contract/recipe.ts';
import { isRecipeFile } from '../recipes/isRecipeFile.ts';
import { selectTensors } from '../recipes/selectTensors.ts';
import { isLinear, linearTerms, type Terms } from './linearTerms.ts';
import { mergeSlices, type MergeSlice, type MixedTensor, type Weight } from './mergekitSlices.ts';

/** Where the recipe lies, and its target, opened. */
export interface MergekitSubject {
  readonly folder: string;
  readonly target: Checkpoint;
}

const WHY_NOT: Readonly<Record<Exclude<Edit['edit'], 'take' | 'interpolate' | 'scale-update'>, string>> = {
  restore: 'works on singular directions',
  'truncate-update': 'works on singular directions',
  'mask-update': 'restricts the update to a mask of its own kind',
  svf: 'works on singular directions',
  'rotate-heads': 'rotates attention heads',
  'permute-heads': 'reorders attention heads',
  'matched-step': 'takes a step of a measured length',
};

const TYPES: Readonly<Record<string, string>> = { BF16: 'bfloat16', F16: 'float16', F32: 'float32' };

/** Why a recipe has no counterpart; null where each of its edits has one. */
function obstacle({ inputs, edits }: Recipe, { folder, target }: MergekitSubject): string | null {
  const strange = edits.findIndex((edit) => !isLinear(edit));
  const edit = edits[strange];
  if (edit && !isLinear(edit))
    return `edit ${String(strange + 1)} (${edit.edit}) ${WHY_NOT[edit.edit]}, which mergekit cannot do`;
  const nested = Object.entries(inputs).find(([, { path }]) => isRecipeFile(resolve(folder, path)));
  if (nested) return `the input "${nested[0]}" is a recipe itself: write it as a checkpoint first`;
  if (target.adapter) return 'its target is an adapter: write it as a checkpoint first';
  return null;
}

/** Every stored tensor with its terms; null where parts of one tensor are made in different ways. */
function mixedTensors(recipe: Recipe, target: Checkpoint): MixedTensor[] | null {
  const sides = sidesOf(target);
  const terms = linearTerms(recipe, [...sides.keys()], (edit) => {
    const selected = selectTensors(sides, edit);
    return typeof selected === 'string' ? [] : selected.map(({ info }) => info.name);
  });
  const stored = new Map<string, MixedTensor>();
  const textOf = (own: Terms): string => JSON.stringify([...own].sort());
  for (const [name, side] of sides) {
    if (side.role.tiedTo !== null) continue;
    const own = must(terms.get(name), name);
    const known = stored.get(side.stored);
    if (known && textOf(known.terms) !== textOf(own)) return null;
    stored.set(side.stored, { name: side.stored, role: side.role, terms: own });
  }
  return [...stored.values()];
}

/** The one model that a slice copies; null where it mixes. */
function copiedModel({ sources }: MergeSlice): string | null {
  const used = sources.filter(({ weight }) => weight !== 0);
  return used.length === 1 && used[0]?.weight === 1 ? used[0].input : null;
}

type Method = 'passthrough' | 'task_arithmetic' | 'linear';

/** Updates of one model on another, scaled, are what task arithmetic says of itself; everything else is a weighted sum. */
function methodOf({ edits }: Recipe, slices: readonly MergeSlice[]): Method {
  if (slices.every((slice) => copiedModel(slice) !== null)) return 'passthrough';
  const [first] = edits;
  const isScaled =
    first?.edit === 'scale-update' &&
    edits.every((edit) => edit.edit === 'scale-update' && edit.since === first.since);
  return isScaled ? 'task_arithmetic' : 'linear';
}

type Source = { model: string; layer_range: readonly [number, number]; parameters?: { weight: Weight } };

function sourcesOf(
  slice: MergeSlice,
  { method, base, pathOf }: { method: Method; base: string; pathOf: (input: string) => string },
): Source[] {
  const copied = method === 'passthrough' ? copiedModel(slice) : null;
  const sources = slice.sources.filter(({ input }) => copied === null || input === copied);
  return sources.map(({ input, weight }) => {
    const source = { model: pathOf(input), layer_range: slice.layers };
    const isPlain = copied !== null || (method === 'task_arithmetic' && input === base);
    return isPlain ? source : { ...source, parameters: { weight } };
  });
}

function mainType({ tensors }: Checkpoint): string {
  const bytes = new Map<string, number>();
  for (const tensor of tensors) bytes.set(tensor.dtype, (bytes.get(tensor.dtype) ?? 0) + tensor.bytes);
  const [most] = [...bytes].sort(([, a], [, b]) => b - a);
  return TYPES[most?.[0] ?? ''] ?? 'bfloat16';
}

function comment(name: string, method: Method): string {
  const lines = [
    `The recipe "${name.replace(/\s+/g, ' ')}", written by Polarimeter for mergekit (mergekit-yaml THIS_FILE OUT).`,
    method === 'passthrough'
      ? 'Layers are copied as they are.'
      : 'mergekit computes in float32 where Polarimeter computes in float64: last bits may differ.',
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}

/** YAML in which lists of numbers stay on one line. */
function yamlText(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every((item) => isScalar(item));
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/**
 * A recipe as a configuration of mergekit, where it has one: copies of layers as `passthrough`, scaled updates as `task_arithmetic`,
 * every other weighted sum as `linear`; else why not.
 */
export function mergekitText(
  recipe: Recipe,
  subject: MergekitSubject,
): { readonly text: string } | { readonly reason: string } {
  const reason = obstacle(recipe, subject);
  if (reason !== null) return { reason };
  const { target } = subject;
  const tensors = mixedTensors(recipe, target);
  if (tensors === null)
    return { reason: 'it changes parts of tensors that are stored as one, which mergekit takes as a whole' };
  const [first] = recipe.edits;
  const since = first?.edit === 'scale-update' ? [recipe.target, first.since] : [];
  const slices = mergeSlices(tensors, since);
  if (slices === null)
    return { reason: 'mergekit selects tensors by parts of their names, which cannot tell these apart' };
  const method = methodOf(recipe, slices);
  const base = method === 'task_arithmetic' ? (since[1] ?? recipe.target) : recipe.target;
  const pathOf = (input: string): string => resolve(subject.folder, must(recipe.inputs[input], input).path);
  const type = mainType(target);
  const configuration = {
    merge_method: method,
    base_model: pathOf(base),
    slices: slices.map((slice) => ({ sources: sourcesOf(slice, { method, base, pathOf }) })),
    ...(method === 'passthrough'
      ? { dtype: type }
      : { parameters: { normalize: false }, dtype: 'float32', out_dtype: type }),
  };
  return { text: `${comment(recipe.name, method)}${yamlText(configuration)}` };
}
