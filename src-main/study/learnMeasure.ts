import type { Pace } from './Pace.ts';
import { measureKey } from './plan.ts';
import type { RowReader, RowSource } from './rows.ts';
import { togetherKey } from './siblings.ts';
import type { StoredResult } from './Store.ts';

/** Reads what is stored of a measure under all its keys: parameters differ with the shape of a tensor. */
export async function learnMeasure(
  reader: RowReader,
  id: string,
  { source, pace }: { readonly source: RowSource; readonly pace: Pace },
): Promise<void> {
  const { variants, pairs, sets } = source.measures;
  const keys = new Set([...pairs, ...sets].filter(({ info }) => info.id === id).map(togetherKey));
  for (const measure of variants.filter(({ info }) => info.id === id)) {
    for (const item of source.items) {
      keys.add(measureKey(measure, item));
      if (pace.isDue) await pace.rest();
    }
  }
  for (const key of keys) {
    const results = new Map<string, StoredResult>();
    for (const page of source.store.resultPages(key)) {
      for (const result of page) results.set(result.pair, result);
      if (pace.isDue) await pace.rest();
    }
    reader.learn(key, results);
  }
}
