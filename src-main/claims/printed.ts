import type { PublishedValue } from '../contract/claim.ts';

type Given = Pick<PublishedValue, 'label' | 'value' | 'unit' | 'where'> & Partial<PublishedValue>;

/** A number as the authors print it, unless said otherwise. */
export function printed(given: Given): PublishedValue {
  return { qualifier: '', upTo: null, baseline: null, reading: 'authors', ...given };
}
