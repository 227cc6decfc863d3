import { first, type Measure } from './Measure.ts';

export const maxAbsUpdate: Measure = {
  info: {
    id: 'update.max-abs',
    version: 1,
    group: 'B2',
    title: 'Largest change of a weight',
    formula: "max |w' - w|",
    meaning: 'One number of one weight: a sign of outliers, not of the update as a whole.',
    parameters: {},
    unit: 'weight',
    baseline: null,
    aggregation: 'maximum',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: null,
    optional: false,
    normMatched: 'value',
    sources: [{ arxiv: null, where: 'own definition' }],
  },
  needs: ['elements'],
  measure: ({ elements }) =>
    elements ? { parts: [elements.maxAbsUpdate], baseline: null } : { reason: 'not computed' },
  value: first,
};
