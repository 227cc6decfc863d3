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
  /** Of each name that is left unmatched for that reason, all names of both sides that cannot be told apart. */
  readonly rivals: { readonly reference: Rivals; readonly variant: Rivals };
}

export type Rivals = ReadonlyMap<string, readonly string[]>;
type Groups = ReadonlyMap<string, readonly string[]>;

const byCanonicalName = (names: readonly string[], level: NameLevel): Groups =>
  Map.groupBy(names, (name) => canonicalName(name, level));

function rivalsOf(own: Groups, other: Groups, isMatched: (name: string) => boolean): Rivals {
  const found = new Map<string, readonly string[]>();
  for (const [key, names] of own) {
    const others = other.get(key) ?? [];
    if (others.length === 0 || names.length + others.length <= 2) continue;
    // One list for the whole group: a hostile file may have a hundred thousand names in it.
    const group = [...names, ...others];
    for (const name of names) if (!isMatched(name)) found.set(name, group);
  }
  return found;
}

/**
 * Matches tensor names: equal ones, then those that are equal without the parts that wrappers add, then those that are known
 * to be called differently. A name that is not the only one of its side with its canonical form is left unmatched.
 */
export function matchNames(references: readonly string[], variants: readonly string[]): NameMatch {
  const known = new Set(variants);
  const equal = references.filter((name) => known.has(name));
  const pairs = new Map<string, Match>(equal.map((name) => [name, { name, level: 'equal' }]));
  const matched = new Set(equal);
  let rivals: NameMatch['rivals'] = { reference: new Map(), variant: new Map() };
  const isOpen = references.length > equal.length && variants.length > equal.length;
  for (const level of isOpen ? LEVELS : []) {
    const [left, right] = [byCanonicalName(references, level), byCanonicalName(variants, level)];
    for (const [key, [name = '', ...more]] of left) {
      const [other, ...others] = right.get(key) ?? [];
      if (other === undefined || more.length + others.length > 0) continue;
      if (pairs.has(name) || matched.has(other)) continue;
      pairs.set(name, { name: other, level });
      matched.add(other);
    }
    // The last level puts together whatever an earlier one does.
    rivals = {
      reference: rivalsOf(left, right, (name) => pairs.has(name)),
      variant: rivalsOf(right, left, (name) => matched.has(name)),
    };
  }
  return { pairs, rivals };
}
