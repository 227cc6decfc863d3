import { ALIGNMENT_REASONS, type AlignmentReason } from '../../src-main/contract/alignment.ts';

export interface ReasonCount {
  readonly reason: AlignmentReason;
  readonly words: string;
  readonly count: number;
}

/** Places of the names that hold every word of a text; null for an empty one, which all of them hold. */
export function placesNamed(names: readonly string[], text: string): ReadonlySet<number> | null {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  const found = new Set<number>();
  names.forEach((name, place) => {
    const lower = name.toLowerCase();
    if (words.every((word) => lower.includes(word))) found.add(place);
  });
  return found;
}

/** How often each reason comes, the most frequent first; "" is none. */
export function countReasons(reasons: Iterable<AlignmentReason | ''>): ReasonCount[] {
  const counts = new Map<AlignmentReason, number>();
  for (const reason of reasons) if (reason !== '') counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, count, words: ALIGNMENT_REASONS[reason] }))
    .toSorted((a, b) => b.count - a.count);
}

export const setOf = (places: readonly number[]): ReadonlySet<number> => new Set(places);
