import { quotient, type Measure } from './Measure.ts';

/**
 * Share of the parameters that can be compared. The alignment decides it, not the elements: parts are [compared, parameters],
 * filled in where the alignment is read.
 */
export const alignmentCompared: Measure = {
  info: {
    id: 'alignment.compared',
    version: 1,
    group: 'A7',
    title: 'Parameters compared',
    formula:
      'parameters in compared tensors / parameters of reference and variant together, tied weights once',
    meaning: 'What every other number is about. A tensor that is not compared has value 0 and a reason.',
    parameters: {},
    unit: 'share',
    baseline: null,
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: 'not compared',
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: null, where: 'own definition' }],
  },
  needs: [],
  measure: () => ({ parts: [1, 1], baseline: null }),
  value: quotient,
};
