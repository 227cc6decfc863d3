import { must } from '../base/assert.ts';
import type { Outcome, Paired } from '../contract/probe.ts';
import type { Probe } from './readProbe.ts';
import { comparePaired } from './statistics/comparePaired.ts';

/**
 * How much accuracy a model loses from problems to their perturbed twins: pairs of an original and a twin, an original once for each of
 * its twins. `lost` counts right originals with a wrong twin. Null without twins.
 */
export function twinDrop({ problems }: Probe, outcomes: readonly Outcome[]): Paired | null {
  const correct = new Map(outcomes.map((outcome) => [outcome.problem, outcome.correct]));
  const right = (id: string): boolean => must(correct.get(id), 'every problem has an outcome');
  const twins = problems.flatMap(({ id, twin }) => (twin === undefined ? [] : [{ id, twin }]));
  // A limit may have cut the file between a problem and its twin.
  const pairs = twins.filter(({ twin }) => correct.has(twin));
  if (pairs.length === 0) return null;
  return comparePaired(
    pairs.map(({ twin }) => right(twin)),
    pairs.map(({ id }) => right(id)),
  );
}
