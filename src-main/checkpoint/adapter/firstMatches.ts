import { createContext, Script } from 'node:vm';

const PATIENCE_MS = 2000;
/** Most patterns are names, one per module in adapters that were extracted: those are looked up, not matched. */
const NAME = /^[\w.-]+$/;

/** Runs where it can be stopped: a pattern from a file may take for ever to match. */
const MATCH = new Script(`
  const expressions = JSON.parse(patterns).map((pattern) => new RegExp('^(?:.*\\\\.)?(?:' + pattern + ')$'));
  JSON.stringify(JSON.parse(names).map((name) => expressions.findIndex((expression) => expression.test(name))));
`);

/** Index of the first pattern that each name matches as a regular expression, -1 without one; null where that fails. */
function matchAll(names: readonly string[], patterns: readonly string[]): number[] | null {
  if (patterns.length === 0) return names.map(() => -1);
  const context = createContext({ names: JSON.stringify(names), patterns: JSON.stringify(patterns) });
  try {
    return JSON.parse(String(MATCH.runInContext(context, { timeout: PATIENCE_MS }))) as number[];
  } catch {
    return null;
  }
}

/** A name, and what is left of it behind each of its dots. */
function endings(name: string): string[] {
  const parts = name.split('.');
  return parts.map((_, i) => parts.slice(i).join('.'));
}

/**
 * Index of the first pattern that each name matches, whole or behind a dot, as PEFT matches rank_pattern and alpha_pattern
 * (peft.utils.other.get_pattern_key), except that a dot between plain letters is a dot; -1 without one. Null when a pattern
 * is no regular expression, or when matching takes more than two seconds.
 */
export function firstMatches(names: readonly string[], patterns: readonly string[]): number[] | null {
  const indexed = patterns.map((pattern, index) => ({ pattern, index }));
  // Backwards, because a map keeps the last of equal keys.
  const backwards = indexed.filter(({ pattern }) => NAME.test(pattern)).reverse();
  const plain = new Map(backwards.map(({ pattern, index }) => [pattern, index]));
  const others = indexed.filter(({ pattern }) => !NAME.test(pattern));
  const matches = matchAll(
    names,
    others.map(({ pattern }) => pattern),
  );
  if (matches === null) return null;
  return names.map((name, i) => {
    const matched = others[matches[i] ?? -1]?.index ?? Infinity;
    const found = Math.min(matched, ...endings(name).map((ending) => plain.get(ending) ?? Infinity));
    return Number.isFinite(found) ? found : -1;
  });
}
