import { BF16, split, against, masks, unchanged, pair, two, type Case } from './plantedValues.ts';
import type { Pair } from './syntheticRows.ts';

/** Claims on sparsity, masks, energy, overlap and rank. */
export const CONFLICT_CASES: readonly Case[] = [
  {
    claim: 'rl-leaves-more-unchanged',
    verdict: 'supported',
    why: 'apart by 50 points',
    rl: [{ [BF16]: 0.7 }],
    sft: [{ [BF16]: 0.2 }],
  },
  {
    claim: 'rl-leaves-more-unchanged',
    verdict: 'contradicted',
    why: 'the reverse',
    rl: [{ [BF16]: 0.2 }],
    sft: [{ [BF16]: 0.7 }],
  },
  {
    claim: 'rl-leaves-more-unchanged',
    verdict: 'open',
    why: 'apart by 4 points',
    rl: [{ [BF16]: 0.24 }],
    sft: [{ [BF16]: 0.2 }],
  },
  {
    claim: 'rl-leaves-more-unchanged',
    verdict: 'open',
    why: 'one RL run of two overlaps',
    rl: [{ [BF16]: 0.7 }, { [BF16]: 0.2 }],
    sft: [{ [BF16]: 0.2 }],
  },
  {
    claim: 'rl-leaves-more-unchanged',
    verdict: 'open',
    why: 'half of the tensors disagree',
    rl: [{ [BF16]: { value: 0.7, of: split(0.2, 15) } }],
    sft: [{ [BF16]: 0.2 }],
  },
  { claim: 'rl-leaves-more-unchanged', verdict: 'not-applicable', why: 'no SFT', rl: [{ [BF16]: 0.7 }] },
  {
    claim: 'rl-leaves-more-unchanged',
    verdict: 'not-applicable',
    why: 'stored in fp32',
    rl: [{ [BF16]: { value: 0.7, dtype: 'F32' } }],
    sft: [{ [BF16]: 0.2 }],
  },

  {
    claim: 'sparsity-is-rounding',
    verdict: 'supported',
    why: 'as rounding gives',
    rl: [unchanged(0.6, 0.58), unchanged(0.7, 0.72)],
  },
  {
    claim: 'sparsity-is-rounding',
    verdict: 'contradicted',
    why: '30 points more',
    rl: [unchanged(0.8, 0.5)],
  },
  {
    claim: 'sparsity-is-rounding',
    verdict: 'contradicted',
    why: 'near in points, but half as many changed',
    rl: [unchanged(0.98, 0.95)],
  },
  {
    claim: 'sparsity-is-rounding',
    verdict: 'open',
    why: 'one of two',
    rl: [unchanged(0.8, 0.5), unchanged(0.5, 0.5)],
  },
  {
    claim: 'sparsity-is-rounding',
    verdict: 'not-applicable',
    why: 'nothing is sparse',
    rl: [unchanged(0.01, 0.01)],
  },
  { claim: 'sparsity-is-rounding', verdict: 'not-applicable', why: 'no baseline', rl: [{ [BF16]: 0.5 }] },

  {
    claim: 'sparsity-is-intrinsic',
    verdict: 'supported',
    why: 'apart, and more than rounding',
    rl: [unchanged(0.8, 0.5)],
    sft: [unchanged(0.1, 0.1)],
  },
  {
    claim: 'sparsity-is-intrinsic',
    verdict: 'contradicted',
    why: 'apart, but rounding explains it',
    rl: [unchanged(0.8, 0.79)],
    sft: [unchanged(0.1, 0.1)],
  },
  {
    claim: 'sparsity-is-intrinsic',
    verdict: 'contradicted',
    why: 'SFT is sparser',
    rl: [unchanged(0.3, 0.1)],
    sft: [unchanged(0.6, 0.6)],
  },
  {
    claim: 'sparsity-is-intrinsic',
    verdict: 'open',
    why: 'more than rounding, but not apart',
    rl: [unchanged(0.8, 0.5)],
    sft: [unchanged(0.8, 0.8)],
  },
  { claim: 'sparsity-is-intrinsic', verdict: 'not-applicable', why: 'no SFT', rl: [unchanged(0.8, 0.5)] },

  {
    claim: 'rl-avoids-principal-weights',
    verdict: 'supported',
    why: 'below density and null',
    rl: [masks('principal', 0.26, 0.9)],
  },
  {
    claim: 'rl-avoids-principal-weights',
    verdict: 'open',
    why: 'rounding explains it',
    rl: [masks('principal', 0.26, 1.01)],
  },
  {
    claim: 'rl-avoids-principal-weights',
    verdict: 'open',
    why: 'nothing of an isotropic update',
    rl: [masks('principal', 0.26)],
  },
  {
    claim: 'rl-avoids-principal-weights',
    verdict: 'open',
    why: '2 % below',
    rl: [masks('principal', 0.294, 0.9)],
  },
  {
    claim: 'rl-avoids-principal-weights',
    verdict: 'contradicted',
    why: 'above',
    rl: [masks('principal', 0.4, 1.2)],
  },
  { claim: 'rl-avoids-principal-weights', verdict: 'not-applicable', why: 'not measured', rl: [{}] },
  {
    claim: 'rl-changes-small-weights',
    verdict: 'supported',
    why: 'above density and null',
    rl: [masks('low', 0.6, 1.3)],
  },
  { claim: 'rl-changes-small-weights', verdict: 'open', why: 'mechanical', rl: [masks('low', 0.6, 1)] },
  { claim: 'rl-changes-small-weights', verdict: 'contradicted', why: 'below', rl: [masks('low', 0.2, 0.7)] },
  {
    claim: 'rl-changes-small-weights',
    verdict: 'not-applicable',
    why: 'no RL',
    sft: [masks('low', 0.6, 1.3)],
  },
  {
    claim: 'principal-not-low-avoided',
    verdict: 'supported',
    why: 'below density and null',
    rl: [masks('principal-not-low', 0.2, 0.8)],
  },
  {
    claim: 'principal-not-low-avoided',
    verdict: 'open',
    why: 'rounding explains it',
    rl: [masks('principal-not-low', 0.2, 0.99)],
  },
  {
    claim: 'principal-not-low-avoided',
    verdict: 'contradicted',
    why: 'above',
    rl: [masks('principal-not-low', 0.5, 1.5)],
  },
  { claim: 'principal-not-low-avoided', verdict: 'not-applicable', why: 'not measured', rl: [{}] },

  {
    claim: 'energy-toward-principals',
    verdict: 'supported',
    why: 'three times chance',
    rl: [against('energy.two-sided', 0.3, 0.1)],
  },
  {
    claim: 'energy-toward-principals',
    verdict: 'contradicted',
    why: 'half of chance',
    rl: [against('energy.two-sided', 0.05, 0.1)],
  },
  {
    claim: 'energy-toward-principals',
    verdict: 'open',
    why: '5 % above',
    rl: [against('energy.two-sided', 0.105, 0.1)],
  },
  {
    claim: 'energy-toward-principals',
    verdict: 'open',
    why: 'carried by half of the matrices',
    rl: [against('energy.two-sided', 0.3, 0.1, 15)],
  },
  { claim: 'energy-toward-principals', verdict: 'not-applicable', why: 'not measured', rl: [{}] },

  ...['overlap.jaccard', 'overlap.one-sided'].flatMap((measure): Case[] => {
    const claim = measure === 'overlap.jaccard' ? 'runs-share-a-mask' : 'subnetworks-overlap';
    const lift = (value: number): Pair => ({ ...pair(measure, value, 0.5) });
    return [
      {
        claim,
        verdict: 'open',
        why: 'as much between RL and SFT',
        rl: [{ [BF16]: 0.5 }, { [BF16]: 0.5 }],
        sft: [{ [BF16]: 0.5 }],
        pairs: [lift(0.7), pair(measure, 0.7, 0.5, 'rl0', 'sft0')],
      },
      { claim, verdict: 'contradicted', why: 'less than chance', rl: two, pairs: [lift(0.3)] },
      { claim, verdict: 'open', why: 'as chance', rl: two, pairs: [lift(0.5)] },
      {
        claim,
        verdict: 'not-applicable',
        why: 'one RL run',
        rl: [{}],
        sft: [{}],
        pairs: [pair(measure, 0.7, 0.5, 'rl0', 'sft0')],
      },
      { claim, verdict: 'not-applicable', why: 'not measured', rl: two },
    ];
  }),

  { claim: 'updates-have-full-rank', verdict: 'supported', why: '99.5 %', rl: [{ 'rank.numerical': 0.995 }] },
  { claim: 'updates-have-full-rank', verdict: 'contradicted', why: 'half', rl: [{ 'rank.numerical': 0.5 }] },
  { claim: 'updates-have-full-rank', verdict: 'open', why: '95 %', rl: [{ 'rank.numerical': 0.95 }] },
  {
    claim: 'updates-have-full-rank',
    verdict: 'not-applicable',
    why: 'no RL',
    sft: [{ 'rank.numerical': 0.995 }],
  },

  {
    claim: 'rank-one-share-larger-in-rl',
    verdict: 'supported',
    why: 'twice',
    rl: [against('rank.one-norm-share', 0.2, 0.05)],
    sft: [against('rank.one-norm-share', 0.1, 0.09)],
  },
  {
    claim: 'rank-one-share-larger-in-rl',
    verdict: 'contradicted',
    why: 'SFT is larger',
    rl: [against('rank.one-norm-share', 0.1, 0.05)],
    sft: [against('rank.one-norm-share', 0.3, 0.2)],
  },
  {
    claim: 'rank-one-share-larger-in-rl',
    verdict: 'contradicted',
    why: 'no more than noise',
    rl: [against('rank.one-norm-share', 0.2, 0.2)],
    sft: [against('rank.one-norm-share', 0.1, 0.05)],
  },
  {
    claim: 'rank-one-share-larger-in-rl',
    verdict: 'open',
    why: 'a twentieth larger',
    rl: [against('rank.one-norm-share', 0.21, 0.05)],
    sft: [against('rank.one-norm-share', 0.2, 0.05)],
  },
  {
    claim: 'rank-one-share-larger-in-rl',
    verdict: 'not-applicable',
    why: 'no SFT',
    rl: [against('rank.one-norm-share', 0.2, 0.05)],
  },
];
