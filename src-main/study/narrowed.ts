import { nearest } from '../base/nearest.ts';
import type { Alignment } from '../contract/alignment.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { RowSource } from './rows.ts';
import type { Store } from './Store.ts';

function refuseUnknown(tensors: readonly string[], alignments: ReadonlyMap<string, Alignment>): void {
  const known = (name: string): boolean =>
    [...alignments.values()].some((alignment) => alignment.tensors.some(({ tensor }) => tensor === name));
  const stranger = tensors.find((name) => !known(name));
  if (stranger === undefined) return;
  const names = [...alignments.values()].flatMap((alignment) =>
    alignment.tensors.map(({ tensor }) => tensor),
  );
  const guess = nearest(stranger, [...new Set(names)]);
  const hint = guess === null ? '' : `; did you mean ${guess}?`;
  throw new PolarimeterError('usage', `this study has no tensor "${stranger}"${hint}`, 'tensor');
}

/**
 * What rows of a few tensors are made of; all tensors when none is named. What is stored of them is looked up one by one, so that a tensor
 * of a large model costs no more than one of a small model.
 * fails usage
 */
export function narrowed(
  source: Omit<RowSource, 'store'> & { store: Store },
  tensors: readonly string[],
): RowSource {
  if (tensors.length === 0) return source;
  const { alignments, items, store } = source;
  refuseUnknown(tensors, alignments);
  const asked = new Set(tensors);
  const few = items.filter(({ tensor }) => asked.has(tensor));
  return {
    ...source,
    items: few,
    alignments: new Map(
      [...alignments].map(([label, alignment]) => [
        label,
        { ...alignment, tensors: alignment.tensors.filter(({ tensor }) => asked.has(tensor)) },
      ]),
    ),
    store: {
      *bindingPages() {
        for (const { tensor, comparisons } of few)
          yield comparisons.flatMap(({ variant }) => store.binding(variant, tensor) ?? []);
      },
      bindingsVersion: () => store.bindingsVersion(),
      resultPages: (measure) => store.resultPages(measure),
      results: (measure) => ({ get: (pair) => store.result(pair, measure) ?? undefined }),
      skipped: () => store.skipped(),
    },
  };
}
