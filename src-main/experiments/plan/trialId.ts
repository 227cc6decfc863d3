import { createHash } from 'node:crypto';
import type { Recipe } from '../../contract/recipe.ts';
import type { Trial } from '../../contract/sweep.ts';

/** JSON whose keys are in order: the same content is the same text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, canonical(each)]),
  );
}

/** Inputs by what they are: pins come and go without changing what a recipe does. */
const contentOf = ({ target, inputs, edits, seed }: Recipe): unknown => ({
  target,
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, { path }]) => [name, path])),
  edits,
  seed,
});

/** Twelve hex digits of what a trial does. Names, notes and labels do not count. */
export function trialId(kind: Trial['kind'], subject: Recipe | string): string {
  const content = typeof subject === 'string' ? subject : contentOf(subject);
  return createHash('sha256')
    .update(JSON.stringify(canonical([kind, content])))
    .digest('hex')
    .slice(0, 12);
}
