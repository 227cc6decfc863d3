import { fileStateIfThere } from './fileState.ts';
import { filesBehind, type TensorItem } from './plan.ts';
import type { StoredBinding } from './Store.ts';

/** Whether a binding of some items still speaks of the files as they are; each file is looked at once. A file that is gone cannot differ. */
export function currency(items: readonly TensorItem[]): (binding: StoredBinding) => boolean {
  const states = new Map<string, string | null>();
  const stateOf = (path: string): string | null => {
    const known = states.get(path);
    if (known !== undefined) return known;
    const state = fileStateIfThere(path);
    states.set(path, state);
    return state;
  };
  const files = new Map(
    items.flatMap(({ tensor, comparisons }) =>
      comparisons.map((comparison) => [`${comparison.variant}\0${tensor}`, filesBehind(comparison)] as const),
    ),
  );
  return ({ variant, tensor, identity }) => {
    const measured = identity.split('|');
    const now = (files.get(`${variant}\0${tensor}`) ?? []).map(stateOf);
    return now.length === measured.length && now.every((state, i) => state === null || state === measured[i]);
  };
}
