import { poissonBinomial } from './chance.ts';
import type { SetMeasure } from './Measure.ts';

/** Its parts are the whole consensus histogram: weights by the number of runs that changed them, found and expected. */
export const everChanged: SetMeasure = {
  info: {
    id: 'overlap.ever',
    version: 1,
    group: 'B9',
    title: 'Weights that some run changed',
    formula: '#{C > 0} / n, C the share of the runs that changed a weight in bfloat16',
    meaning:
      'How much of the model all runs together touch. Behind it stands the consensus histogram: how many weights exactly c of the runs changed.',
    parameters: { runs: null },
    unit: 'share',
    baseline: {
      title: 'independent masks of the same densities',
      formula: 'sum n (1 - prod (1 - p_r)) / sum n, p_r the density of run r in each tensor',
    },
    aggregation: 'parameter-weighted',
    arity: 'set-of-variants',
    headline: false,
    scope: 'all-parameters',
    complement: 'changed by no run',
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: '2511.08567', where: 'consensus ratio; the share is own' }],
  },
  measure: ({ runs, n, changed, consensus }) =>
    runs < 2
      ? { reason: 'there is one run only' }
      : { parts: consensus, baseline: poissonBinomial(changed.map((count) => count / n)).map((p) => n * p) },
  value: (counts) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    return (all - (counts[0] ?? 0)) / all;
  },
};
