import type { ElementEvidence } from './evidence.ts';
import { NOT_COMPUTED, quotient, type Measure } from './Measure.ts';
import { unchangedBf16 } from './unchangedBf16.ts';

const shared = {
  group: 'B1',
  unit: 'share',
  aggregation: 'parameter-weighted',
  arity: 'variant',
  headline: false,
  scope: 'experts',
  optional: false,
} as const;

const isUntouched = ({ n, unchangedNative }: ElementEvidence): boolean => unchangedNative === n;

const untouched: Measure = {
  info: {
    ...shared,
    id: 'experts.untouched',
    version: 1,
    title: 'Routed experts that never changed',
    formula: "parameters of routed-expert matrices with w' = w throughout / parameters of routed experts",
    meaning:
      'An expert that no token was sent to keeps its weights whatever the training: it makes a model look sparse.',
    parameters: { compared_as: 'stored' },
    baseline: null,
    complement: 'in matrices that changed',
    normMatched: 'invariant',
    sources: [{ arxiv: null, where: 'own definition' }],
  },
  needs: ['elements'],
  applies: ({ routed }) => routed,
  measure: ({ elements }) => {
    if (!elements) return NOT_COMPUTED;
    return { parts: [isUntouched(elements) ? elements.n : 0, elements.n], baseline: null };
  },
  value: quotient,
};

const unchangedWhereRouted: Measure = {
  ...unchangedBf16,
  info: {
    ...unchangedBf16.info,
    ...shared,
    id: 'update.unchanged.bf16-routed',
    title: 'Weights unchanged (bf16) in routed experts that changed',
    meaning:
      'The bf16 share over routed experts, without matrices that never changed: those are counted in experts.untouched.',
    sources: [
      ...unchangedBf16.info.sources,
      { arxiv: null, where: 'own: experts that no token reached are left out' },
    ],
  },
  applies: ({ routed }) => routed,
  measure: (evidence) =>
    evidence.elements && isUntouched(evidence.elements)
      ? { reason: 'never changed: counted in experts.untouched' }
      : unchangedBf16.measure(evidence),
};

/** Sparsity of routed experts, with those that never changed counted apart. */
export const routedExperts: readonly Measure[] = [untouched, unchangedWhereRouted];
