import { must } from '../base/assert.ts';
import { publishedText, type PublishedValue, READINGS } from '../contract/claim.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { PublishedReference } from '../contract/reference.ts';
import type { Role } from '../contract/rows.ts';
import type { Claim } from './Claim.ts';
import { energyTowardPrincipals } from './ledger/energyTowardPrincipals.ts';
import { rankOneShareLargerInRl } from './ledger/rankOneShareLargerInRl.ts';
import { rlAvoidsPrincipalWeights } from './ledger/rlAvoidsPrincipalWeights.ts';
import { rlChangesSmallWeights } from './ledger/rlChangesSmallWeights.ts';
import { rlLeavesMoreUnchanged } from './ledger/rlLeavesMoreUnchanged.ts';
import { runsShareAMask } from './ledger/runsShareAMask.ts';
import { sftMovesFurther } from './ledger/sftMovesFurther.ts';
import { singularValuesBarelyChange } from './ledger/singularValuesBarelyChange.ts';
import { smallSftIsSparseToo } from './ledger/smallSftIsSparseToo.ts';
import { sparsityIsIntrinsic } from './ledger/sparsityIsIntrinsic.ts';
import { spectrumStaysPut } from './ledger/spectrumStaysPut.ts';
import { subnetworksOverlap } from './ledger/subnetworksOverlap.ts';
import { subspacesBarelyTurn } from './ledger/subspacesBarelyTurn.ts';
import { toleranceMovesSparsity } from './ledger/toleranceMovesSparsity.ts';
import { updatesHaveFullRank } from './ledger/updatesHaveFullRank.ts';

/** Which published values of a claim are values of a measure, for a role. */
interface Use {
  readonly measure: string;
  readonly role: Role;
  readonly claim: Claim;
  /** Of the citations of the claim, the one that prints the values. */
  readonly cited?: number;
  /** Labels of the values in the ledger; several become their range. */
  readonly labels: RegExp;
  readonly what: string;
  /** How the published definition differs from the measure; null where it does not. */
  readonly mismatch: string | null | ((measure: MeasureInfo) => string | null);
}

const MASK_SHARE = 0.3;
const ONE_LAYER =
  'Published for one representative layer at k = 512; here it is the mean over all matrices at another k.';

function otherShare({ parameters }: MeasureInfo): string | null {
  if (parameters['share'] === MASK_SHARE) return null;
  return `The published mask holds 30 % of the weights, the one of this study ${String(100 * Number(parameters['share']))} %.`;
}

const unclearRank = (measure: MeasureInfo): string =>
  otherShare(measure) ??
  'The paper gives no rank for its 30 % mask; its appendix gives rank 64 with a mask of 50 %.';

const angleUses = ['left', 'right'].flatMap((side) =>
  ['median', 'max'].flatMap((which): Use[] => {
    const about = { measure: `angles.${side}.${which}`, claim: subspacesBarelyTurn, cited: 1 };
    return [
      { ...about, role: 'sft', labels: /^SFT$/, what: 'Qwen3-8B', mismatch: ONE_LAYER },
      { ...about, role: 'rl', labels: /^RLVR$/, what: 'Qwen3-8B', mismatch: ONE_LAYER },
    ];
  }),
);

const opd = (measure: string, claim: Claim, mismatch: Use['mismatch']): Use[] => [
  { measure, role: 'sft', claim, cited: 1, labels: /^SFT$/, what: 'Qwen3-8B', mismatch },
  { measure, role: 'rl', claim, cited: 1, labels: /^RLVR$/, what: 'Qwen3-8B', mismatch },
];

const SPARSITY: readonly Use[] = [
  {
    measure: 'update.unchanged.bf16',
    role: 'sft',
    claim: rlLeavesMoreUnchanged,
    labels: /^SFT, range$/,
    what: '3 SFT models',
    mismatch: null,
  },
  {
    measure: 'update.unchanged.bf16',
    role: 'sft',
    claim: smallSftIsSparseToo,
    labels: /^SFT, exact zeros$/,
    what: 'a short SFT run with small steps',
    mismatch: null,
  },
  {
    measure: 'update.unchanged.bf16',
    role: 'rl',
    claim: rlLeavesMoreUnchanged,
    labels: /^RL, range$/,
    what: '12 RL models',
    mismatch: null,
  },
  {
    measure: 'update.unchanged.within-1e-5',
    role: 'sft',
    claim: sparsityIsIntrinsic,
    labels: /^SFT only$/,
    what: '3 SFT models',
    mismatch: null,
  },
  {
    measure: 'update.unchanged.within-1e-5',
    role: 'rl',
    claim: sparsityIsIntrinsic,
    labels: /^(?!SFT)/,
    what: '10 models trained by RL or preference optimisation',
    mismatch: null,
  },
  {
    measure: 'update.unchanged.within-1e-8',
    role: 'rl',
    claim: toleranceMovesSparsity,
    labels: /, 1e-8$/,
    what: '12 models trained by RL or preference optimisation',
    mismatch: null,
  },
];

const GEOMETRY: readonly Use[] = [
  ...opd('spectrum.nss', spectrumStaysPut, null),
  ...angleUses,
  ...opd('masks.low', rlChangesSmallWeights, otherShare),
  ...opd('masks.principal', rlAvoidsPrincipalWeights, unclearRank),
  {
    measure: 'energy.two-sided',
    role: 'rl',
    claim: energyTowardPrincipals,
    labels: /./,
    what: 'q, o and down projection of one layer',
    mismatch: 'Published for three matrices of one layer at k = 64; here it is the mean over all matrices.',
  },
  {
    measure: 'rank.numerical',
    role: 'rl',
    claim: updatesHaveFullRank,
    labels: /./,
    what: '4 models trained by RL or preference optimisation',
    mismatch: 'There the difference is rounded to bf16 first, and embeddings and the output head are in.',
  },
  {
    measure: 'rank.one-norm-share',
    role: 'sft',
    claim: rankOneShareLargerInRl,
    labels: /^offline SFT$/,
    what: 'offline SFT',
    mismatch: null,
  },
  {
    measure: 'rank.one-norm-share',
    role: 'rl',
    claim: rankOneShareLargerInRl,
    labels: /^DA?PO$/,
    what: 'DAPO and DPO',
    mismatch: null,
  },
];

const MEAN_NORM =
  'Published as the mean norm of the attention and MLP matrices; here it is the norm of all weights together.';

const SIZES_AND_RUNS: readonly Use[] = [
  {
    measure: 'update.norm',
    role: 'sft',
    claim: sftMovesFurther,
    labels: /^offline SFT$/,
    what: 'offline SFT',
    mismatch: MEAN_NORM,
  },
  {
    measure: 'update.norm',
    role: 'rl',
    claim: sftMovesFurther,
    labels: /^DA?PO$/,
    what: 'DAPO and DPO',
    mismatch: MEAN_NORM,
  },
  {
    measure: 'spectrum.value-change',
    role: 'sft',
    claim: singularValuesBarelyChange,
    labels: /^mean over singular values$/,
    what: 'between SFT checkpoints',
    mismatch: 'Published for the query, key, value and down projections between two SFT checkpoints.',
  },
  {
    measure: 'overlap.jaccard',
    role: 'rl',
    claim: runsShareAMask,
    labels: /./,
    what: '5 RL runs from one base, by module',
    mismatch: 'Published for the matrices of block 13; here it is the mean over all matrices.',
  },
  {
    measure: 'overlap.one-sided',
    role: 'rl',
    claim: subnetworksOverlap,
    labels: /./,
    what: 'RL runs that differ in seed, data or algorithm',
    mismatch:
      'There a weight counts as changed beyond a tolerance of 1e-5; here it is any change of the bf16 number.',
  },
];

function rangeText(values: readonly PublishedValue[]): string {
  const [only] = values;
  if (only && values.length === 1) return publishedText(only);
  const low = values.reduce((a, b) => (b.value < a.value ? b : a));
  const high = Math.max(...values.map(({ value, upTo }) => upTo ?? value));
  return publishedText({ ...low, qualifier: '', upTo: high });
}

function referenceOf(use: Use, measure: MeasureInfo): PublishedReference {
  const { claim, cited = 0, labels, mismatch, role, what } = use;
  const values = claim.info.published.filter(({ label }) => labels.test(label));
  const first = must(values[0], `${claim.info.id} ${String(labels)}`);
  const scale = first.unit === '%' && measure.unit === 'share' ? 100 : 1;
  const reading = READINGS[first.reading];
  const { arxiv } = must(claim.info.citations[cited], claim.info.id);
  return {
    measure: measure.id,
    role,
    low: Math.min(...values.map(({ value }) => value)) / scale,
    high: Math.max(...values.map(({ value, upTo }) => upTo ?? value)) / scale,
    text: rangeText(values),
    what,
    citation: { arxiv, where: reading === null ? first.where : `${first.where}; ${reading}` },
    claim: claim.info.id,
    mismatch: typeof mismatch === 'function' ? mismatch(measure) : mismatch,
  };
}

/** What papers give for the measures of a study, by measure and role. Every number is one of the ledger of claims. */
export function publishedReferences(measures: readonly MeasureInfo[]): PublishedReference[] {
  const uses = [...SPARSITY, ...GEOMETRY, ...SIZES_AND_RUNS];
  return measures.flatMap((measure) =>
    uses.filter((use) => use.measure === measure.id).map((use) => referenceOf(use, measure)),
  );
}
