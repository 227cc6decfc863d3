import { currency, type IsCurrent } from './currency.ts';
import { fileStateIfThere } from './fileState.ts';
import { missingTogether } from './missingTogether.ts';
import { inScope, measureKey, type TensorItem } from './plan.ts';
import type { RunSet } from './siblings.ts';
import type { Store, StoredBinding } from './Store.ts';
import type { WantedMeasures } from './wanted.ts';

interface Subject {
  readonly items: readonly TensorItem[];
  /** Every file behind the items. */
  readonly files: readonly string[];
  readonly measures: WantedMeasures;
  readonly sets: readonly RunSet[];
  readonly store: Pick<Store, 'bindingPages' | 'allMeasures' | 'othersVersion' | 'writes'>;
}

/** By variant and tensor. */
type Bindings = ReadonlyMap<string, ReadonlyMap<string, StoredBinding>>;

interface Stored {
  readonly bindings: Bindings;
  readonly measuresOf: (pair: string) => ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The items of which something is to be computed. What is written here only completes items: one that was complete is looked at again only
 * after a file changed or another process wrote, because that takes seconds for a large model.
 */
export class MissingItems {
  readonly #subject: Subject;
  #state = '';
  #writes = -1;
  #missing: readonly TensorItem[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** The same list as long as nothing changed. */
  read(): readonly TensorItem[] {
    const { items, files, store } = this.#subject;
    const state = [store.othersVersion(), ...files.map(fileStateIfThere)].join(' ');
    const { writes } = store;
    if (state === this.#state && writes === this.#writes) return this.#missing;
    this.#missing = this.#incomplete(state === this.#state ? this.#missing : items);
    this.#state = state;
    this.#writes = writes;
    return this.#missing;
  }

  #incomplete(candidates: readonly TensorItem[]): readonly TensorItem[] {
    if (candidates.length === 0) return candidates;
    const isCurrent = currency();
    const bindings = this.#bindings();
    const all = this.#subject.store.allMeasures();
    const measuresOf = (pair: string): ReadonlySet<string> => all.get(pair) ?? NONE;
    return candidates.filter((item) => !this.#isComplete(item, isCurrent, { bindings, measuresOf }));
  }

  #bindings(): Bindings {
    const all = new Map<string, Map<string, StoredBinding>>();
    for (const page of this.#subject.store.bindingPages()) {
      for (const binding of page) {
        const own = all.get(binding.variant) ?? new Map<string, StoredBinding>();
        all.set(binding.variant, own.set(binding.tensor, binding));
      }
    }
    return all;
  }

  /** Whether every wanted measure of every comparison of an item is stored and current. */
  #isComplete(item: TensorItem, isCurrent: IsCurrent, { bindings, measuresOf }: Stored): boolean {
    const { measures, sets } = this.#subject;
    const kin: { variant: string; from: string; key: string }[] = [];
    for (const comparison of item.comparisons) {
      const { variant, from } = comparison;
      const binding = bindings.get(variant)?.get(item.tensor);
      if (!binding || !isCurrent(binding, comparison)) return false;
      const stored = measuresOf(binding.pair);
      const isStored = measures.variants.every(
        (measure) =>
          measure.needs.length === 0 ||
          !inScope(measure, item, comparison) ||
          stored.has(measureKey(measure, item)),
      );
      if (!isStored) return false;
      kin.push({ variant, from, key: binding.pair });
    }
    return missingTogether(kin, { measures, store: { measuresOf }, sets }).length === 0;
  }
}
