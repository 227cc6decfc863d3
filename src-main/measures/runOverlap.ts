import type { PairOfRuns } from './evidence.ts';
import { perMatrix, quotient, type PairMeasure, type Parts, type Undefined } from './Measure.ts';

const NEITHER: Undefined = { reason: 'neither run changed a weight in bfloat16' };
const FIRST_NONE: Undefined = { reason: 'the first run changed no weight in bfloat16' };

const densities = ({ n, changedA, changedB }: PairOfRuns): { p: number; q: number } => ({
  p: changedA / n,
  q: changedB / n,
});

/** |A and B| and |A or B|, as found and as independent masks of the same densities would have them. */
function jaccardParts(pair: PairOfRuns): { found: [number, number]; expected: [number, number] } | Undefined {
  const union = pair.changedA + pair.changedB - pair.both;
  if (union === 0) return NEITHER;
  const { p, q } = densities(pair);
  return { found: [pair.both, union], expected: [pair.n * p * q, pair.n * (p + q - p * q)] };
}

function jaccard(pair: PairOfRuns): Parts | Undefined {
  const parts = jaccardParts(pair);
  if ('reason' in parts) return parts;
  return perMatrix(quotient(parts.found), quotient(parts.expected));
}

function jaccardWeighted(pair: PairOfRuns): Parts | Undefined {
  const parts = jaccardParts(pair);
  return 'reason' in parts ? parts : { parts: parts.found, baseline: parts.expected };
}

function oneSided(pair: PairOfRuns): Parts | Undefined {
  const { changedA, changedB, both, n } = pair;
  if (changedA === 0) return FIRST_NONE;
  return { parts: [both, changedA], baseline: [changedA * (changedB / n), changedA] };
}

function oneSidedMean(pair: PairOfRuns): Parts | Undefined {
  const { changedA, changedB, both, n } = pair;
  return changedA === 0 ? FIRST_NONE : perMatrix(both / changedA, changedB / n);
}

const shared = {
  version: 1,
  group: 'B9',
  parameters: { with: null },
  unit: 'share',
  arity: 'pair-of-variants',
  headline: false,
  complement: null,
  optional: false,
  normMatched: 'invariant',
} as const;

const JACCARD = '|A and B| / |A or B|, A and B the weights that each run changed in bfloat16';
const ONE_SIDED = '|A and B| / |A|, A and B the weights that each run changed in bfloat16';
const INDEPENDENT = 'independent masks of the same densities';
const WITH = 'The other run is the parameter `with`.';

const jaccards: readonly PairMeasure[] = [
  {
    info: {
      ...shared,
      id: 'overlap.jaccard',
      title: 'Jaccard overlap of two runs, mean over matrices',
      formula: JACCARD,
      meaning: `Whether two runs change the same weights; dense masks overlap by chance already. ${WITH}`,
      baseline: {
        title: INDEPENDENT,
        formula: 'p q / (p + q - p q), p and q the densities in that matrix',
      },
      aggregation: 'unweighted-mean',
      scope: 'matrices',
      sources: [
        {
          arxiv: '2511.08567',
          where: 'Table 2: per matrix; a mean over pairs of runs is its off-diagonal mean',
        },
      ],
    },
    ordered: false,
    measure: jaccard,
    value: quotient,
  },
  {
    info: {
      ...shared,
      id: 'overlap.jaccard-weighted',
      title: 'Jaccard overlap of two runs, over all weights',
      formula: JACCARD,
      meaning: `The same counted once over all weights, small tensors included. ${WITH}`,
      baseline: {
        title: INDEPENDENT,
        formula: 'sum n p q / sum n (p + q - p q) over tensors, each with its own densities',
      },
      aggregation: 'parameter-weighted',
      scope: 'all-parameters',
      sources: [{ arxiv: '2511.08567', where: 'section 3, counted over parameters (own)' }],
    },
    ordered: false,
    measure: jaccardWeighted,
    value: quotient,
  },
];

const oneSidedOverlaps: readonly PairMeasure[] = [
  {
    info: {
      ...shared,
      id: 'overlap.one-sided',
      title: 'Weights of one run that the other changed too',
      formula: ONE_SIDED,
      meaning: `Differs between (a, b) and (b, a): the sparser run is contained more easily. ${WITH}`,
      baseline: {
        title: INDEPENDENT,
        formula:
          "q, the other run's density in the same tensor; the source takes the density of the whole model, which is lower where both runs prefer the same tensors",
      },
      aggregation: 'parameter-weighted',
      scope: 'all-parameters',
      sources: [{ arxiv: '2505.11711', where: 'subnetwork overlap o1, o2' }],
    },
    ordered: true,
    measure: oneSided,
    value: quotient,
  },
  {
    info: {
      ...shared,
      id: 'overlap.one-sided-mean',
      title: 'Weights of one run that the other changed too, mean over matrices',
      formula: ONE_SIDED,
      meaning: `The same per matrix, so that large matrices do not decide. ${WITH}`,
      baseline: { title: INDEPENDENT, formula: "q, the other run's density in that matrix" },
      aggregation: 'unweighted-mean',
      scope: 'matrices',
      sources: [{ arxiv: '2505.11711', where: 'subnetwork overlap, per matrix as in arXiv 2511.08567' }],
    },
    ordered: true,
    measure: oneSidedMean,
    value: quotient,
  },
];

/** Whether two runs changed the same weights. Two empty masks have no overlap, rather than one of 0 or 1. */
export const runOverlap: readonly PairMeasure[] = [...jaccards, ...oneSidedOverlaps];
