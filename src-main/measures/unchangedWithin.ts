import { bf16Threshold } from './bf16.ts';
import { quotient, type Measure } from './Measure.ts';

/** "1e-5" for 1e-5, "2.5e-6" for 2.5e-6. */
function toleranceName(tolerance: number): string {
  return tolerance.toExponential().replace('.', '-').replace('e+', 'e');
}

/**
 * The tolerance sweep of arXiv 2505.11711, one measure per tolerance, as its public code counts: the difference is rounded to
 * bfloat16 and compared with the tolerance rounded to bfloat16.
 * @param index position of the tolerance in the sweep
 */
export function unchangedWithin(tolerance: number, index: number): Measure {
  return {
    info: {
      id: `update.unchanged.within-${toleranceName(tolerance)}`,
      version: 1,
      group: 'B1',
      title: `Weights unchanged within ${tolerance.toExponential()}`,
      formula: "#{|b(b(w') - b(w))| <= b(t)} / n, b = rounding to bfloat16",
      meaning:
        'At 1e-5 every one-step change of a weight below 2^-9 counts as unchanged, so the level depends on the tolerance. The 1e-8 value is the one to hold against the bf16-exact share.',
      parameters: { tolerance, threshold: bf16Threshold(tolerance) },
      unit: 'share',
      baseline: null,
      aggregation: 'parameter-weighted',
      arity: 'variant',
      headline: false,
      scope: 'all-parameters',
      complement: 'changed',
      optional: false,
      normMatched: 'complement',
      sources: [{ arxiv: '2505.11711', where: 'Table 6 and src/check_sparsity.py' }],
    },
    needs: ['elements'],
    measure: ({ elements }) =>
      elements
        ? { parts: [elements.within[index] ?? NaN, elements.n], baseline: null }
        : { reason: 'not computed' },
    value: quotient,
  };
}
