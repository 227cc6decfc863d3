import { fileStateIfThere } from './fileState.ts';
import { filesBehind, type Comparison } from './plan.ts';
import type { StoredBinding } from './Store.ts';

/** Whether a binding still speaks of the files of its comparison as they are. */
export type IsCurrent = (binding: StoredBinding, comparison: Comparison) => boolean;

/** Looks at each file once; one that is not there has not changed. */
export function currency(): IsCurrent {
  const states = new Map<string, string | null>();
  const stateOf = (path: string): string | null => {
    const known = states.get(path);
    if (known !== undefined) return known;
    const state = fileStateIfThere(path);
    states.set(path, state);
    return state;
  };
  // Tensors of one shard have the same words: taking them apart once is most of what there is to do.
  const apart = new Map<string, readonly string[]>();
  return ({ identity }, comparison) => {
    const measured = apart.get(identity) ?? identity.split('|');
    apart.set(identity, measured);
    const now = filesBehind(comparison).map(stateOf);
    return now.length === measured.length && now.every((state, i) => state === null || state === measured[i]);
  };
}
