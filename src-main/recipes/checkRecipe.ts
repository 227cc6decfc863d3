import { nearest } from '../base/nearest.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import type { Edit, MatchableEdit, Recipe } from '../contract/recipe.ts';
import { inputsOf } from './inputsOf.ts';
import type { RecipeFault } from './recipeFault.ts';

type Fault = RecipeFault | null;

function unknownInput(name: string, recipe: Recipe, path: RecipeFault['path']): Fault {
  const names = Object.keys(recipe.inputs);
  if (names.includes(name)) return null;
  const guess = nearest(name, names);
  const hint =
    guess === null
      ? `the inputs are ${names.map(quoteName).join(', ') || 'missing'}`
      : `did you mean ${quoteName(guess)}?`;
  return { path, what: `no input is called ${quoteName(name)}; ${hint}` };
}

function checkLayers(layers: readonly string[] | undefined): string | null {
  for (const range of layers ?? []) {
    const [first = 0, last = first] = range.split('-').map(Number);
    if (last < first) return `the layers ${range} are backwards`;
  }
  return null;
}

function checkRestore(edit: Extract<Edit, { edit: 'restore' }>): string | null {
  const { top, bottom, band, values, vectors } = edit;
  if (top === undefined && bottom === undefined && band === undefined)
    return 'it names no directions: give top, bottom or band';
  if (band && band[1] < band[0]) return 'its band ends before it begins';
  return values === 'target' && vectors === 'target'
    ? 'with values and vectors of the target it restores nothing'
    : null;
}

function checkSvf(edit: Extract<Edit, { edit: 'svf' }>): string | null {
  const wrong = edit.experts.findIndex(({ fit, z }) => (fit === undefined) === (z === undefined));
  return wrong < 0 ? null : `expert ${String(wrong + 1)} has either fit or z`;
}

function checkOrder(order: readonly number[] | undefined): string | null {
  const sorted = order?.toSorted((a, b) => a - b) ?? [];
  return sorted.every((head, i) => head === i)
    ? null
    : `its order is no permutation of 0 to ${String(sorted.length - 1)}`;
}

function checkTruncation({ norm, rank }: Extract<Edit, { edit: 'truncate-update' }>): string | null {
  const isEmpty = parseFloat(String(rank)) === 0;
  return norm === 'restored' && isEmpty ? 'an update of rank 0 has no norm that could be restored' : null;
}

function checkFields(edit: Edit | MatchableEdit): string | null {
  switch (edit.edit) {
    case 'restore':
      return checkRestore(edit);
    case 'svf':
      return checkSvf(edit);
    case 'truncate-update':
      return checkTruncation(edit);
    case 'permute-heads':
      return checkOrder(edit.order);
    case 'matched-step':
      return edit.like.map(checkEdit).find((what) => what !== null) ?? null;
    default:
      return null;
  }
}

/** What contradicts itself in an edit, whatever its inputs hold. */
function checkEdit(edit: Edit | MatchableEdit): string | null {
  const layers = 'layers' in edit ? edit.layers : 'tensors' in edit ? edit.tensors?.layers : undefined;
  return checkLayers(layers) ?? checkFields(edit);
}

/** The first thing in a recipe that contradicts itself; null where nothing does. Its inputs are not looked at. */
export function checkRecipe(recipe: Recipe): Fault {
  const target = unknownInput(recipe.target, recipe, ['target']);
  if (target) return target;
  for (const [i, edit] of recipe.edits.entries()) {
    for (const { name, field } of inputsOf(edit)) {
      const unknown = unknownInput(name, recipe, ['edits', i, ...field]);
      if (unknown) return unknown;
    }
    const what = checkEdit(edit);
    if (what !== null) return { path: ['edits', i], what };
  }
  return null;
}
