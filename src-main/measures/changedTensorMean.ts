import { NOT_COMPUTED, perMatrix, quotient, type Measure } from './Measure.ts';

export const changedTensorMean: Measure = {
  info: {
    id: 'update.changed.tensor-mean',
    version: 1,
    group: 'B1',
    title: 'Changed weights, mean over tensors',
    formula: "mean over tensors of #{b(w') != b(w)} / n, b = rounding to bfloat16",
    meaning:
      'What the public code of arXiv 2505.11711 prints as "layer-wise sparsity": in fact the changed share, and a norm of a few thousand weights counts as much as a matrix of millions.',
    parameters: { compared_as: 'BF16' },
    unit: 'share',
    baseline: null,
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: 'unchanged',
    optional: true,
    normMatched: 'value',
    sources: [{ arxiv: '2505.11711', where: 'check_sparsity.py, layer-wise values' }],
  },
  needs: ['elements'],
  measure: ({ elements }) => {
    if (!elements) return NOT_COMPUTED;
    if (elements.n === 0) return { reason: 'no element is a finite number on both sides' };
    return perMatrix(1 - elements.unchangedBf16 / elements.n, null);
  },
  value: quotient,
};
