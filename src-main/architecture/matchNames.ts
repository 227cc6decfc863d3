import { canonicalName, LEVELS } from './canonicalName.ts';
import type { NameLevel } from './canonicalName.ts';

/** The name in the variant of a tensor of the reference, and how it was recognised. */
export interface Match {
  readonly name: string;
  readonly level: 'equal' | NameLevel;
}

/** How the names of one checkpoint correspond to those of another. */
export interface NameMatch {
  readonly pairs: ReadonlyMap<string, Match>;
  /** Unmatched names that could be several of the other side, or the others of their own side, with all of these. */
  readonly ambiguous: {
    readonly reference: ReadonlyMap<string, string[]>;
    readonly variant: ReadonlyMap<string, string[]>;
  };
}

type Groups = ReadonlyMap<string, readonly string[]>;

const byCanonicalName = (names: readonly string[], level: NameLevel): Groups =>
  Map.groupBy(names, (name) => canonicalName(name, level));

/** Names that the level puts together with others, each with those it could not be told from. */
function rivals(own: Groups, other: Groups, isMatched: (name: string) => boolean): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [key, names] of own) {
    const others = other.get(key) ?? [];
    if (others.length === 0 || names.length + others.length <= 2) continue;
    for (const name of names) {
      if (!isMatched(name))
        found.set(
          name,
          [...names, ...others].filter((each) => each !== name),
        );
    }
  }
  return found;
}

/**
 * Matches tensor names: equal ones, then those that are equal without the parts that wrappers add, then those that are known
 * to be called differently. A name that is not the only one of its side with its canonical form is left unmatched.
 */
export function matchNames(references: readonly string[], variants: readonly string[]): NameMatch {
  const pairs = new Map<string, Match>();
  const known = new Set(variants);
  for (const name of references) if (known.has(name)) pairs.set(name, { name, level: 'equal' });
  const matched = new Set(pairs.keys());
  const ambiguous = { reference: new Map<string, string[]>(), variant: new Map<string, string[]>() };
  for (const level of LEVELS) {
    const [left, right] = [byCanonicalName(references, level), byCanonicalName(variants, level)];
    for (const [key, [name = '', ...more]] of left) {
      const [other, ...others] = right.get(key) ?? [];
      if (other === undefined || more.length + others.length > 0) continue;
      if (pairs.has(name) || matched.has(other)) continue;
      pairs.set(name, { name: other, level });
      matched.add(other);
    }
    ambiguous.reference = rivals(left, right, (name) => pairs.has(name));
    ambiguous.variant = rivals(right, left, (name) => matched.has(name));
  }
  return { pairs, ambiguous };
}
