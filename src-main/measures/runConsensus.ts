import type { SetOfRuns } from './evidence.ts';
import { quotient, type SetMeasure, type Undefined } from './Measure.ts';

const ONE_RUN: Undefined = { reason: 'there is one run only' };
const NO_RUN: Undefined = { reason: 'no run changed a weight in bfloat16' };

interface Counts {
  /** Weights that some run changed, that every run changed, and the sum over runs. */
  readonly ever: number;
  readonly always: number;
  readonly sum: number;
  /** The same for independent masks of the same densities. */
  readonly expectedEver: number;
  readonly expectedAlways: number;
}

function countsOf({ runs, n, changed, consensus }: SetOfRuns): Counts | Undefined {
  if (runs < 2) return ONE_RUN;
  const ever = n - (consensus[0] ?? 0);
  if (ever === 0) return NO_RUN;
  const product = (of: (p: number) => number): number =>
    changed.reduce((all, count) => all * of(count / n), 1);
  return {
    ever,
    always: consensus[runs] ?? 0,
    sum: changed.reduce((total, count) => total + count, 0),
    expectedEver: n * (1 - product((p) => 1 - p)),
    expectedAlways: n * product((p) => p),
  };
}

const shared = {
  version: 1,
  group: 'B9',
  parameters: { runs: null },
  unit: 'share',
  aggregation: 'parameter-weighted',
  arity: 'set-of-variants',
  headline: false,
  scope: 'all-parameters',
  complement: null,
  optional: false,
  normMatched: 'invariant',
} as const;

const INDEPENDENT = 'independent masks of the same densities';

/** How far all runs of one role agree on which weights to change. */
export const runConsensus: readonly SetMeasure[] = [
  {
    info: {
      ...shared,
      id: 'overlap.consensus',
      title: 'Changed weights that all runs changed',
      formula: '#{C = 1} / #{C > 0}, C the share of the runs that changed a weight in bfloat16',
      meaning: 'How much of what any run touched is common to all of them. It falls with the number of runs.',
      baseline: {
        title: INDEPENDENT,
        formula: 'prod p_r / (1 - prod (1 - p_r)), p_r the density of run r in each tensor',
      },
      sources: [{ arxiv: '2511.08567', where: 'consensus ratio; the share is own' }],
    },
    measure: (set) => {
      const counts = countsOf(set);
      if ('reason' in counts) return counts;
      return {
        parts: [counts.always, counts.ever],
        baseline: [counts.expectedAlways, counts.expectedEver],
      };
    },
    value: quotient,
  },
  {
    info: {
      ...shared,
      id: 'overlap.consensus-mean',
      title: 'Mean consensus over changed weights',
      formula:
        'mean of C over the weights with C > 0, C the share of the runs that changed a weight in bfloat16',
      meaning:
        'By how many of the runs a weight is changed on average, once any run changes it. Never below 1 / R.',
      baseline: {
        title: INDEPENDENT,
        formula: 'mean p_r / (1 - prod (1 - p_r)), p_r the density of run r in each tensor',
      },
      sources: [{ arxiv: '2511.08567', where: 'consensus ratio; averaged over all changed weights (own)' }],
    },
    measure: (set) => {
      const counts = countsOf(set);
      if ('reason' in counts) return counts;
      const mean = counts.sum / set.runs;
      return { parts: [mean, counts.ever], baseline: [mean, counts.expectedEver] };
    },
    value: quotient,
  },
];
