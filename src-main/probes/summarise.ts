import type { Accuracy, Outcome, ProbeRun } from '../contract/probe.ts';
import { must } from '../base/assert.ts';
import type { Probe } from './readProbe.ts';
import { wilson } from './statistics/wilson.ts';

/** What answering a probe took. */
export interface AnswerCost {
  readonly seconds: number;
  /** How many outcomes were there before. */
  readonly cached: number;
}

/** Outcomes of a model in the order of the problems, counted: as a whole, by stratum and by verdict. */
export function summarise(probe: Probe, outcomes: readonly Outcome[], cost: AnswerCost): ProbeRun {
  const { name, kind, fingerprint } = probe;
  const verdicts: Record<string, number> = {};
  for (const { verdict } of outcomes) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return {
    probe: name,
    kind,
    fingerprint,
    accuracy: shareOf(outcomes),
    strata: strataOf(probe, outcomes),
    verdicts,
    ...cost,
  };
}

function shareOf(outcomes: readonly Outcome[]): Accuracy {
  return wilson(outcomes.filter(({ correct }) => correct).length, outcomes.length);
}

/** One line per value of every stratum, in the order in which the problems name them. */
function strataOf({ problems }: Probe, outcomes: readonly Outcome[]): ProbeRun['strata'] {
  const byStratum = new Map<string, Map<string, Outcome[]>>();
  for (const [index, { strata }] of problems.entries()) {
    const outcome = must(outcomes[index], 'one outcome per problem');
    for (const [stratum, value] of Object.entries(strata)) {
      const values = byStratum.get(stratum) ?? new Map<string, Outcome[]>();
      byStratum.set(stratum, values);
      const alike = values.get(value);
      if (alike) alike.push(outcome);
      else values.set(value, [outcome]);
    }
  }
  return [...byStratum].flatMap(([stratum, values]) =>
    [...values].map(([value, of]) => ({ stratum, value, accuracy: shareOf(of) })),
  );
}
