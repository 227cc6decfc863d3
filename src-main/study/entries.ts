import type { AlignedTensor } from '../contract/alignment.ts';
import type { Place } from './measureRows.ts';
import type { Comparison, TensorItem } from './plan.ts';
import type { RowSource } from './rows.ts';
import { moduleName } from './selectTensors.ts';
import type { StoredBinding } from './Store.ts';

/** A tensor of one variant, and what is stored of it. */
export interface Entry {
  readonly item: TensorItem;
  readonly comparison: Comparison;
  readonly place: Place;
  /** null while it is not measured. */
  readonly binding: StoredBinding | null;
  /** Whether the files are still as they were when it was measured. */
  readonly isCurrent: boolean;
}

/** What every variant compares, in the order of the model, by label. */
export type Entries = ReadonlyMap<string, readonly Entry[]>;

/** Element types of both sides. */
export function dtypeOf({ reference, variant }: Pick<AlignedTensor, 'reference' | 'variant'>): string {
  const types = [reference?.dtype, variant?.dtype].filter((dtype) => dtype !== undefined);
  return [...new Set(types)].join(' vs ');
}

function placeOf(item: TensorItem, { reference, tensor }: Comparison): Place {
  const dtype = dtypeOf({ reference, variant: tensor });
  return { tensor: item.tensor, layer: item.role.layer, module: moduleName(item.role), dtype };
}

/** By variant and tensor: a study has hundreds of thousands, and joining the names of each would double the time. */
type Bindings = Map<string, Map<string, StoredBinding>>;

function remember(bindings: Bindings, binding: StoredBinding): void {
  const own = bindings.get(binding.variant) ?? new Map<string, StoredBinding>();
  bindings.set(binding.variant, own.set(binding.tensor, binding));
}

/** Makes the entries step by step, so that a caller may do something else in between; the last step has them all. */
export function* entrySteps({ items, store, isCurrent }: RowSource): Generator<null, Entries> {
  const bindings: Bindings = new Map();
  for (const page of store.bindingPages()) {
    for (const binding of page) remember(bindings, binding);
    yield null;
  }
  const entries = new Map<string, Entry[]>();
  for (const item of items) {
    for (const comparison of item.comparisons) {
      const binding = bindings.get(comparison.variant)?.get(item.tensor) ?? null;
      const place = placeOf(item, comparison);
      const own = entries.get(comparison.variant) ?? [];
      entries.set(comparison.variant, own);
      own.push({
        item,
        comparison,
        place,
        binding,
        isCurrent: binding !== null && isCurrent(binding, comparison),
      });
    }
    yield null;
  }
  return entries;
}

export function entriesOf(source: RowSource): Entries {
  const steps = entrySteps(source);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
