import { placementDispersion } from './chance.ts';
import type { Evidence, Placement } from './evidence.ts';
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

const AXES = {
  rows: { of: 'row', count: 'm', across: 'n', profile: 'rowChanged', other: 'cols' },
  columns: { of: 'column', count: 'n', across: 'm', profile: 'colChanged', other: 'rows' },
} as const;
type Axis = keyof typeof AXES;

const isMatrix = ({ rows, cols }: Pick<Placement, 'rows' | 'cols'>): boolean => rows > 1 && cols > 1;

const sumOf = (values: Uint32Array): number => values.reduce((sum, value) => sum + value, 0);

const squaresAbout = (values: Uint32Array, mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);

/** Changed weights per row or per column, or why there is nothing to see in them. */
function profileOf({ elements, rows, cols }: Evidence, axis: Axis): Uint32Array | Undefined {
  const profile = elements?.[AXES[axis].profile];
  if (profile?.length !== (axis === 'rows' ? rows : cols)) return NOT_COMPUTED;
  const changed = sumOf(profile);
  if (changed === 0) return NOTHING_CHANGED;
  return changed === rows * cols ? EVERYTHING_CHANGED : profile;
}

/** Pearson's dispersion of a profile against binomial counts. */
function dispersion(evidence: Evidence, axis: Axis): Parts | Undefined {
  const profile = profileOf(evidence, axis);
  if ('reason' in profile) return profile;
  const across = evidence[AXES[axis].other];
  const mean = sumOf(profile) / profile.length;
  const p = mean / across;
  const binomial = (profile.length - 1) * across * p * (1 - p);
  const chance = placementDispersion(evidence.rows * evidence.cols);
  return perMatrix(squaresAbout(profile, mean) / binomial, chance);
}

function stripeIndex(axis: Axis): Measure {
  const { of, count, across } = AXES[axis];
  return {
    info: {
      id: `stripes.${axis}`,
      version: 1,
      group: 'B3',
      title: `Stripe index of ${axis}`,
      formula: `sum_i (c_i - mean c)^2 / ((${count} - 1) ${across} p (1 - p)), c_i the bf16-changed weights of ${of} i, p = sum c / (mn)`,
      meaning: `How unevenly the changes spread over ${axis}: 1 when they fall anywhere, larger when some ${axis} take most of them. For the same unevenness it grows with the length of a ${of}, so compare it between runs of one matrix.`,
      parameters: {},
      unit: 'ratio',
      baseline: {
        title: 'as many changes placed at random',
        formula: `mn / (mn - 1), exact; one matrix varies around it by about sqrt(2 / (${count} - 1))`,
      },
      aggregation: 'unweighted-mean',
      arity: 'variant',
      headline: false,
      scope: 'matrices',
      complement: null,
      optional: false,
      normMatched: 'invariant',
      sources: [
        {
          arxiv: '2511.08567',
          where: 'row and column ratios; the index is Pearson dispersion (own derivation)',
        },
      ],
    },
    needs: ['elements', 'profiles'],
    applies: isMatrix,
    measure: (evidence) => dispersion(evidence, axis),
    value: quotient,
  };
}

/** Share of the variance of a profile that lies between blocks of `size` neighbours; null for a flat profile. */
function shareBetween(profile: Uint32Array, size: number): number | null {
  const mean = sumOf(profile) / profile.length;
  const total = squaresAbout(profile, mean);
  if (total === 0) return null;
  let between = 0;
  for (let start = 0; start < profile.length; start += size) {
    between += (sumOf(profile.subarray(start, start + size)) / size - mean) ** 2 * size;
  }
  return between / total;
}

const headStripes: Measure = {
  info: {
    id: 'stripes.heads',
    version: 1,
    group: 'B3',
    title: 'Stripes that follow attention heads',
    formula:
      'sum over heads of s (mean_head c - mean c)^2 / sum_i (c_i - mean c)^2, c_i the bf16-changed weights of head channel i, s channels a head',
    meaning:
      'Whether whole heads change more than others, or single channels in all of them. Head channels are the rows of q, k and v and the columns of o.',
    parameters: { heads: null, head_size: null },
    unit: 'share',
    baseline: {
      title: 'the same channels in random order',
      formula:
        '(H - 1) / (m - 1), exact for H heads and m channels; standard deviation about sqrt(2 b (1 - b) / (m + 1))',
    },
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: false,
    scope: 'heads',
    complement: 'inside heads',
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: '2511.08567', where: 'head boundaries in row and column ratios; share is own' }],
  },
  needs: ['elements', 'profiles'],
  applies: ({ heads, rows, cols }) => heads !== null && isMatrix({ rows, cols }),
  parametersFor: ({ heads }) => ({ heads: heads?.count ?? null, head_size: heads?.size ?? null }),
  measure: (evidence) => {
    const { heads } = evidence;
    if (!heads) return { reason: 'not an attention matrix whose heads are known' };
    const profile = profileOf(evidence, heads.axis);
    if ('reason' in profile) return profile;
    if (heads.count * heads.size !== profile.length)
      return { reason: 'the heads do not fill the axis of the matrix' };
    if (heads.count < 2) return { reason: 'there is one head only' };
    const share = shareBetween(profile, heads.size);
    if (share === null) return { reason: 'every channel changed equally often' };
    return perMatrix(share, (heads.count - 1) / (profile.length - 1));
  },
  value: quotient,
};

/** Unevenness of the changes over rows, columns and attention heads. */
export const stripes: readonly Measure[] = [stripeIndex('rows'), stripeIndex('columns'), headStripes];
