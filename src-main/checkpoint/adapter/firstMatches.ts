import { createContext, Script } from 'node:vm';

const PATIENCE_MS = 2000;

/** Runs where it can be stopped: a pattern from a file may take for ever to match. */
const MATCH = new Script(`
  const expressions = JSON.parse(patterns).map((pattern) => new RegExp('^(?:.*\\\\.)?(?:' + pattern + ')$'));
  JSON.stringify(JSON.parse(names).map((name) => expressions.findIndex((expression) => expression.test(name))));
`);

/**
 * Index of the first pattern that each name matches, whole or behind a dot, as PEFT matches rank_pattern and alpha_pattern
 * (peft.utils.other.get_pattern_key); -1 without one. Null when a pattern is no regular expression, or when matching takes
 * more than two seconds.
 */
export function firstMatches(names: readonly string[], patterns: readonly string[]): number[] | null {
  if (patterns.length === 0) return names.map(() => -1);
  const context = createContext({ names: JSON.stringify(names), patterns: JSON.stringify(patterns) });
  try {
    return JSON.parse(String(MATCH.runInContext(context, { timeout: PATIENCE_MS }))) as number[];
  } catch {
    return null;
  }
}
