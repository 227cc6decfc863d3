import type { PairMeasure, SetMeasure } from '../measures/Measure.ts';
import type { Run, Together } from './run.ts';
import { isAsked, setKey, siblingKey, siblingPairs, togetherKey } from './siblings.ts';

/** A comparison whose content is known. */
interface Kin {
  readonly variant: string;
  readonly from: string;
  readonly key: string;
}

/** What is missing of pairs and of sets of runs, by reference. */
export function missingTogether<T extends Kin>(
  pairs: readonly T[],
  {
    measures,
    store,
    sets: runs,
  }: Pick<Run, 'measures' | 'sets'> & {
    readonly store: { measuresOf(pair: string): ReadonlySet<string> };
  },
): Together<T>[] {
  const lacksAny = (key: () => string, definitions: readonly (PairMeasure | SetMeasure)[]): boolean => {
    if (definitions.length === 0) return false;
    const stored = store.measuresOf(key());
    return definitions.some((definition) => !stored.has(togetherKey(definition)));
  };
  return [...Map.groupBy(pairs, ({ from }) => from)].flatMap(([from, group]) => {
    const isMissing = siblingPairs(group).some((pair) =>
      lacksAny(
        () => siblingKey(...pair),
        measures.pairs.filter((measure) => isAsked(measure, group, pair)),
      ),
    );
    const sets = runs
      .filter((set) => set.from === from)
      .map(({ labels }) => group.filter(({ variant }) => labels.includes(variant)))
      .filter((set) => set.length > 1 && lacksAny(() => setKey(set), measures.sets));
    return isMissing || sets.length > 0 ? [{ pairs: isMissing ? group : [], sets }] : [];
  });
}
