/** How the names of one checkpoint correspond to those of another. */
export interface NameMatch {
  /** Name in the variant of each matched name of the reference. */
  readonly pairs: ReadonlyMap<string, string>;
  /** Wrapper prefixes that were left out of the names to match them; both empty for equal names. */
  readonly prefixes: { readonly reference: string; readonly variant: string };
}

const WRAPPERS = ['base_model.model.', 'language_model.', '_orig_mod.', 'module.', 'model.'];

/** Prefixes of wrappers around wrappers that every name shares, shortest first; the first is empty. */
function sharedPrefixes(names: readonly string[]): string[] {
  const prefixes = [''];
  for (let prefix: string | undefined = ''; prefix !== undefined && names.length > 0;) {
    const inner: string = prefix;
    const next: string | undefined = WRAPPERS.find((wrapper) =>
      names.every((name) => name.startsWith(inner + wrapper)),
    );
    prefix = next === undefined ? undefined : inner + next;
    if (prefix !== undefined) prefixes.push(prefix);
  }
  return prefixes;
}

function pairUp(
  references: readonly string[],
  variants: ReadonlySet<string>,
  match: NameMatch['prefixes'],
): NameMatch {
  const pairs = new Map<string, string>();
  for (const name of references) {
    const other = match.variant + name.slice(match.reference.length);
    if (variants.has(other)) pairs.set(name, other);
  }
  return { pairs, prefixes: match };
}

/**
 * Matches tensor names: equal names, or, when there are none, names that are equal once a wrapper prefix that all names
 * of one side share is left out. When two ways of doing so match equally many names differently, nothing is matched.
 */
export function matchNames(references: readonly string[], variants: readonly string[]): NameMatch {
  const known = new Set(variants);
  const exact = pairUp(references, known, { reference: '', variant: '' });
  if (exact.pairs.size > 0) return exact;
  const candidates = sharedPrefixes(references)
    .flatMap((reference) =>
      sharedPrefixes(variants).map((variant) => pairUp(references, known, { reference, variant })),
    )
    .toSorted((a, b) => b.pairs.size - a.pairs.size);
  const [best = exact, ...others] = candidates;
  const isAmbiguous = others.some(
    ({ pairs }) =>
      pairs.size === best.pairs.size && [...pairs].some(([name, other]) => best.pairs.get(name) !== other),
  );
  return isAmbiguous ? exact : best;
}
