import { must } from '../base/assert.ts';
import type { Edit, Recipe } from '../contract/recipe.ts';

/** What a tensor is made of: the weight of each input in it, by the input's name. They add up to 1. */
export type Terms = ReadonlyMap<string, number>;

type LinearEdit = Extract<Edit, { edit: 'take' | 'interpolate' | 'scale-update' }>;

/** Whether an edit makes every tensor a weighted sum of whole inputs. */
export function isLinear(edit: Edit): edit is LinearEdit {
  return edit.edit === 'take' || edit.edit === 'interpolate' || edit.edit === 'scale-update';
}

/** Digits that survive a few multiplications. */
const DIGITS = 15;

/** (1 - share) terms + share input */
function mixed(terms: Terms, input: string, share: number): Terms {
  const sum = new Map([...terms].map(([name, weight]) => [name, weight * (1 - share)]));
  sum.set(input, (sum.get(input) ?? 0) + share);
  const rounded = [...sum].map(([name, weight]) => [name, Number(weight.toPrecision(DIGITS))] as const);
  return new Map(rounded.filter(([, weight]) => weight !== 0));
}

export function applied(edit: LinearEdit, terms: Terms): Terms {
  switch (edit.edit) {
    case 'take':
      return new Map([[edit.from, 1]]);
    case 'interpolate':
      return mixed(terms, edit.to, edit.amount);
    case 'scale-update':
      return mixed(terms, edit.since, 1 - edit.factor);
  }
}

/**
 * The terms of every tensor of the target after linear edits, one after the other.
 * @param selected names of the tensors that an edit changes
 */
export function linearTerms(
  { target, edits }: Pick<Recipe, 'target' | 'edits'>,
  tensors: readonly string[],
  selected: (edit: LinearEdit) => readonly string[],
): Map<string, Terms> {
  const terms = new Map<string, Terms>(tensors.map((name) => [name, new Map([[target, 1]])]));
  for (const edit of edits.filter(isLinear)) {
    for (const name of selected(edit)) terms.set(name, applied(edit, must(terms.get(name), name)));
  }
  return terms;
}
