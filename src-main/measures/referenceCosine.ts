import { ZERO_REFERENCE, ZERO_UPDATE, type Measure } from './Measure.ts';

/** parts [dot, |a|^2, |b|^2] -> dot / (|a| |b|) */
export function cosine(parts: readonly number[]): number {
  const [dot = NaN, a = NaN, b = NaN] = parts;
  return dot / (Math.sqrt(a) * Math.sqrt(b));
}

export const referenceCosine: Measure = {
  info: {
    id: 'update.reference-cosine',
    version: 1,
    group: 'B2',
    title: 'Cosine of update and reference',
    formula: '<W, dW> / (|W|_F |dW|_F)',
    meaning: 'Positive when training grew the weights along themselves, negative when it shrank them.',
    parameters: {},
    unit: 'cosine',
    baseline: { title: 'a random direction', formula: '0, with standard deviation 1 / sqrt(n)' },
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: null, where: 'own definition' }],
  },
  needs: ['elements'],
  measure: ({ elements }) => {
    if (!elements) return { reason: 'not computed' };
    const { dotReferenceUpdate, sumSqReference, sumSqUpdate } = elements;
    if (sumSqReference === 0) return ZERO_REFERENCE;
    if (sumSqUpdate === 0) return ZERO_UPDATE;
    return { parts: [dotReferenceUpdate, sumSqReference, sumSqUpdate], baseline: [0, 1, 1] };
  },
  value: cosine,
};
