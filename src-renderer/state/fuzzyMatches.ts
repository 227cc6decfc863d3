import UFuzzy from '@leeoniya/ufuzzy';

/** A found title: its place in the list, and what of it was typed, as [start, end) pairs one after another. */
export interface FuzzyMatch {
  readonly index: number;
  readonly ranges: readonly number[];
}

export interface FuzzyMatches {
  readonly count: number;
  readonly best: readonly FuzzyMatch[];
}

/** Equally good ones stay in the order of the list: that of the model. */
const compare = (): number => 0;

/** Whole pieces of words in any order: what people type who know the name. */
const PIECES = new UFuzzy({ intraIns: 0, compare });
/** The letters in order, whatever lies between: what they type who are in a hurry. */
const LETTERS = new UFuzzy({ intraIns: Infinity, intraChars: '.', compare });
/** Beyond this many hits a ranking says little and costs much: they stay in the order of the list. */
const RANKED = 2000;

function search(fuzzy: UFuzzy, titles: string[], typed: string, most: number): FuzzyMatches {
  const [found, info, order] = fuzzy.search(titles, typed, 3, RANKED);
  if (!found) return { count: 0, best: [] };
  if (!info || !order) {
    const first = fuzzy.info(found.slice(0, most), titles, typed);
    return {
      count: found.length,
      best: first.idx.map((index, at) => ({ index, ranges: first.ranges[at] ?? [] })),
    };
  }
  const best = order
    .slice(0, most)
    .map((at) => ({ index: info.idx[at] ?? 0, ranges: info.ranges[at] ?? [] }));
  return { count: order.length, best };
}

/** How what was typed is looked for: as pieces of words, or as letters with anything between. */
export type Manner = 'pieces' | 'letters';

/** The titles that what was typed may mean, best first. */
export function fuzzyMatches(
  titles: readonly string[],
  typed: string,
  { most, manner }: { most: number; manner: Manner },
): FuzzyMatches {
  const needle = typed.trim();
  if (needle === '')
    return {
      count: titles.length,
      best: Array.from({ length: Math.min(most, titles.length) }, (_, index) => ({ index, ranges: [] })),
    };
  return search(manner === 'pieces' ? PIECES : LETTERS, titles as string[], needle, most);
}
