import { first, type Measure } from './Measure.ts';

export const updateInvalid: Measure = {
  info: {
    id: 'update.invalid',
    version: 1,
    group: 'B1',
    title: 'NaN or infinite weights',
    formula: "#{w or w' is NaN or infinite}",
    meaning: 'These elements are left out of every other count and sum.',
    parameters: {},
    unit: 'count',
    baseline: null,
    aggregation: 'total',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: null, where: 'own definition' }],
  },
  needs: ['elements'],
  measure: ({ elements }) =>
    elements ? { parts: [elements.invalid], baseline: null } : { reason: 'not computed' },
  value: first,
};
