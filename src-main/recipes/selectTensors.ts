import { isBookkeeping } from '../architecture/bookkeeping.ts';
import type { Side } from '../architecture/judgeTensors.ts';
import type { Sides } from '../architecture/tensorSides.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { isComputable, isPlain, isQuantized, type TensorRole } from '../contract/checkpoint.ts';
import type { Edit, MatchableEdit, TensorSelector } from '../contract/recipe.ts';

type SelectingEdit = Exclude<
  Edit | MatchableEdit,
  { edit: 'rotate-heads' | 'permute-heads' | 'matched-step' }
>;

/** Whether an edit works on singular directions, which only matrices have. */
export function isSingular(edit: Edit | MatchableEdit): boolean {
  const { edit: kind } = edit;
  return (
    kind === 'restore' ||
    kind === 'truncate-update' ||
    kind === 'svf' ||
    (kind === 'mask-update' && edit.mask.kind === 'principal')
  );
}

/** Whether a layer is in one of some ranges; all are in no ranges at all. */
export function inLayers(layer: number | null, ranges: readonly string[] | undefined): boolean {
  if (ranges === undefined) return true;
  return ranges.some((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return layer !== null && layer >= first && layer <= last;
  });
}

/** Whether a name fits a pattern in which * stands for any characters. Linear in the length of both, for hostile patterns. */
export function fitsPattern(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

const moduleOf = ({ module, parameter }: TensorRole): string =>
  parameter === 'weight' ? module : `${module}.${parameter}`;

function fits({ info, stored, role }: Side, selector: TensorSelector): boolean {
  const { layers, modules, names, shapes, kinds } = selector;
  return (
    inLayers(role.layer, layers) &&
    (modules?.some((module) => module === role.module || module === moduleOf(role)) ?? true) &&
    (names?.some((name) => fitsPattern(info.name, name) || fitsPattern(stored, name)) ?? true) &&
    (shapes?.some((shape) => shape.join() === info.shape.join()) ?? true) &&
    (kinds?.includes(role.kind) ?? true)
  );
}

/** Without being asked for by kind or name, singular directions are those of the matrices of the layers. */
function isUsual({ role }: Side, edit: SelectingEdit): boolean {
  const { kinds, names } = edit.tensors ?? {};
  if (!isSingular(edit) || kinds !== undefined || names !== undefined) return true;
  return role.kind === 'matrix' && role.layer !== null;
}

const isMatrix = ({ info }: Side): boolean => info.shape.length === 2;

/** Integers and truth values: buffers, which no edit but taking can change. */
const isBuffer = ({ info }: Side): boolean =>
  info.opaque === undefined && info.derived === undefined && !isPlain(info.dtype) && !isQuantized(info.dtype);

function canChange(side: Side, edit: SelectingEdit): boolean {
  if (side.role.tiedTo !== null || side.info.shape.includes(0)) return false;
  if (edit.edit === 'take') return true;
  const { name, shape } = side.info;
  return !isBookkeeping(name, shape) && !isBuffer(side) && (!isSingular(edit) || isMatrix(side));
}

/** The first tensor outside layers and the last one in them: how names look, and how many layers there are. */
function examplesOf(sides: Sides): string {
  const all = [...sides.values()];
  const outside = all.find(({ role }) => role.layer === null);
  const last = all.reduce<Side | undefined>(
    (found, side) => ((side.role.layer ?? -1) > (found?.role.layer ?? -1) ? side : found),
    undefined,
  );
  return [outside, last].flatMap((side) => (side ? [quoteName(side.info.name)] : [])).join(' and ');
}

/** Why a selector selects nothing: in words what is nearest to it. */
function nothing(sides: Sides, edit: SelectingEdit): string {
  const fitting = [...sides.values()].filter((side) => fits(side, edit.tensors ?? {}));
  const tied = fitting.find(({ role }) => role.tiedTo !== null);
  if (tied)
    return `it selects nothing: ${quoteName(tied.info.name)} is tied to ${quoteName(tied.role.tiedTo ?? '')}; select that one`;
  const [first] = fitting;
  return first
    ? `it selects nothing that it can change: ${quoteName(first.info.name)} of shape [${first.info.shape.join(', ')}] has no singular directions`
    : `it selects no tensor of the target, whose tensors are called as ${examplesOf(sides)}`;
}

/**
 * The tensors of the target that an edit concerns; or in words why it cannot be done. Tied aliases follow their owner and are left out.
 */
export function selectTensors(sides: Sides, edit: SelectingEdit): readonly Side[] | string {
  const selected = [...sides.values()].filter(
    (side) => canChange(side, edit) && fits(side, edit.tensors ?? {}) && isUsual(side, edit),
  );
  if (selected.length === 0) return nothing(sides, edit);
  const opaque = edit.edit === 'take' ? undefined : selected.find(({ info }) => !isComputable(info));
  if (!opaque) return selected;
  const { name, dtype, opaque: why } = opaque.info;
  return `${quoteName(name)} is stored as ${why ?? dtype}, which cannot be computed with; tensors like it can only be taken`;
}
