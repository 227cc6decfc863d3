import type { StudyOptions } from '../contract/study.ts';
import type { Evidence, MaskEvidence, MaskOverlap } from './evidence.ts';
import { isotropicShare } from './isotropicShare.ts';
import {
  EVERYTHING_CHANGED,
  NOT_COMPUTED,
  NOTHING_CHANGED,
  perMatrix,
  quotient,
  type Measure,
  type Parts,
  type Undefined,
} from './Measure.ts';

/** Seed of the permutation behind the precision-matched null: the same null for the same tensor, on every machine. */
export const MASK_SEED = 20251108;

type MaskOptions = Pick<StudyOptions, 'k' | 'maskShare' | 'maskRank'>;

interface Mask {
  readonly name: 'principal' | 'low' | 'principal-not-low';
  readonly words: string;
  readonly definition: string;
  readonly meaning: string;
  /** Whether it is taken from a reconstruction of rank k. */
  readonly ranked: boolean;
  readonly of: (masks: MaskEvidence) => MaskOverlap;
}

const LARGEST = 'the share n largest |W_k|, W_k the rank-k reconstruction of W';
const SMALLEST = 'the share n smallest |W|';

const MASKS: readonly Mask[] = [
  {
    name: 'principal',
    words: 'principal weights',
    definition: `M = ${LARGEST}`,
    meaning:
      'Below its baseline the update keeps away from the weights that carry the leading singular directions.',
    ranked: true,
    of: ({ principal }) => principal,
  },
  {
    name: 'low',
    words: 'low-magnitude weights',
    definition: `M = ${SMALLEST}`,
    meaning:
      'Partly mechanical: steps of bf16 are proportional to the weight, so small weights flip under smaller changes. The ratio to the precision-matched null takes that out.',
    ranked: false,
    of: ({ low }) => low,
  },
  {
    name: 'principal-not-low',
    words: 'principal weights of larger magnitude',
    definition: `M = ${LARGEST}, without ${SMALLEST}`,
    meaning: 'The principal weights without those that small steps of bf16 let flip easily.',
    ranked: true,
    of: ({ principalNotLow }) => principalNotLow,
  },
];

/** The error function behind the isotropic share is known to 1.2e-7. */
const LEAST_SHARE = 1e-5;

const TIES = 'ties by position, so that sizes are exact';

/** Share of the changed weights that a mask holds. */
function held(
  { masks }: Pick<Evidence, 'masks'>,
  of: Mask['of'],
): { masks: MaskEvidence; mask: MaskOverlap } | Undefined {
  if (!masks) return NOT_COMPUTED;
  if (masks.update === 0) return NOTHING_CHANGED;
  const mask = of(masks);
  return mask.size === 0 ? { reason: 'the mask is empty' } : { masks, mask };
}

function density(evidence: Evidence, of: Mask['of']): Parts | Undefined {
  const found = held(evidence, of);
  if ('reason' in found) return found;
  const { masks, mask } = found;
  return perMatrix(mask.overlap / masks.update, mask.size / masks.n);
}

function overNull(evidence: Evidence, of: Mask['of']): Parts | Undefined {
  const found = held(evidence, of);
  if ('reason' in found) return found;
  const { masks, mask } = found;
  if (mask.nullOverlap === 0) return { reason: 'the permuted update changes no weight of the mask' };
  return { parts: [mask.overlap / masks.update, mask.nullOverlap / masks.nullUpdate], baseline: [1, 1] };
}

/** Against an isotropic update that changes as many weights. */
function overIsotropic({ masks, dtypes }: Evidence, of: Mask['of']): Parts | Undefined {
  const found = held({ masks }, of);
  if ('reason' in found) return found;
  if (found.masks.update === found.masks.n) return EVERYTHING_CHANGED;
  const expected = isotropicShare(found.masks, found.mask, dtypes.reference);
  if (expected < LEAST_SHARE)
    return { reason: 'an isotropic update of this size changes no weight of the mask' };
  return { parts: [found.mask.overlap / found.masks.update, expected], baseline: [1, 1] };
}

const shared = {
  version: 1,
  group: 'B6',
  arity: 'variant',
  scope: 'matrices',
  complement: null,
  optional: false,
  normMatched: 'invariant',
} as const;

function parametersOf(
  { ranked }: Mask,
  { maskShare, maskRank, k }: MaskOptions,
): Measure['info']['parameters'] {
  return { share: maskShare, ...(ranked ? { k: Math.min(maskRank, k) } : {}) };
}

const rankFor = ({ ranked }: Mask, { maskRank }: MaskOptions): Pick<Measure, 'parametersFor'> =>
  ranked ? { parametersFor: ({ k }) => ({ k: Math.min(maskRank, k) }) } : {};

function overlapMeasure(mask: Mask, options: MaskOptions): Measure {
  return {
    info: {
      ...shared,
      id: `masks.${mask.name}`,
      title: `Changed weights among the ${mask.words}`,
      formula: `|M and {b(w') != b(w)}| / |{b(w') != b(w)}|, ${mask.definition}, ${TIES}`,
      meaning: mask.meaning,
      parameters: parametersOf(mask, options),
      unit: 'share',
      baseline: { title: 'changes placed at random', formula: '|M| / n, the density that M really has' },
      aggregation: 'unweighted-mean',
      headline: mask.name !== 'principal-not-low',
      sources: [
        { arxiv: '2511.08567', where: 'Fig. 5 (share and k are not stated)' },
        { arxiv: '2606.07082', where: '30 % masks, per matrix' },
        { arxiv: '2506.00772', where: 'principal weights' },
      ],
    },
    needs: ['masks'],
    ...rankFor(mask, options),
    measure: (evidence) => density(evidence, mask.of),
    value: quotient,
  };
}

function overNullMeasure(mask: Mask, options: MaskOptions): Measure {
  return {
    info: {
      ...shared,
      id: `masks.${mask.name}.over-null`,
      title: `Changed weights among the ${mask.words}, over the precision-matched null`,
      formula: `masks.${mask.name} / the same share for b(w + d'), d' the float32 update in random order over the matrix`,
      meaning:
        'What is left when the sizes of the changes and the precision of bf16 are accounted for: 1 when it does not matter which weight gets which change. That holds for variants stored finer than bf16. Of one stored in bf16 only the changes that survived are known, and their sizes follow the weights: an isotropic update then reaches 1.3 among small weights and 0.3 among large ones, so read neither as a preference, and hold such variants against masks.*.over-isotropic.',
      parameters: { ...parametersOf(mask, options), seed: MASK_SEED },
      unit: 'ratio',
      baseline: { title: 'the null itself', formula: '1' },
      aggregation: 'ratio-of-sums',
      headline: false,
      sources: [{ arxiv: '2511.08567', where: 'Fig. 5; the null is own: same changes, permuted, rounded' }],
    },
    needs: ['masks'],
    ...rankFor(mask, options),
    measure: (evidence) => overNull(evidence, mask.of),
    value: quotient,
  };
}

function overIsotropicMeasure(mask: Mask, options: MaskOptions): Measure {
  return {
    info: {
      ...shared,
      id: `masks.${mask.name}.over-isotropic`,
      title: `Changed weights among the ${mask.words}, over an isotropic update`,
      formula: `masks.${mask.name} / (sum over M of P / sum over all of P), P = P(b(w + N(0, s^2)) != b(w)), s such that the second sum is the number of changed weights`,
      meaning:
        'What is left when precision alone is accounted for: 1 for an update of equal size on all weights, stored in whatever type. It needs only which weights changed, not by how much.',
      parameters: parametersOf(mask, options),
      unit: 'ratio',
      baseline: { title: 'an isotropic update that changes as many weights', formula: '1' },
      aggregation: 'ratio-of-sums',
      headline: mask.name !== 'principal-not-low',
      sources: [
        { arxiv: '2511.08567', where: 'Fig. 5 and the precision gate; matched by changed weights (own)' },
      ],
    },
    needs: ['masks'],
    ...rankFor(mask, options),
    measure: (evidence) => overIsotropic(evidence, mask.of),
    value: quotient,
  };
}

/** Where the changed weights lie, against the density of each mask and against a null of the same precision. */
export function maskOverlap(options: MaskOptions): readonly Measure[] {
  return [
    ...MASKS.map((mask) => overlapMeasure(mask, options)),
    ...MASKS.map((mask) => overNullMeasure(mask, options)),
    ...MASKS.map((mask) => overIsotropicMeasure(mask, options)),
  ];
}
