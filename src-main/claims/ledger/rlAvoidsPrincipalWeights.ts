import type { Claim } from '../Claim.ts';
import { maskOverlap, maskRule } from '../maskOverlap.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'masks.principal';
const WHERE = 'overlap with the principal mask, Qwen3-8B';

export const rlAvoidsPrincipalWeights: Claim = {
  info: {
    id: 'rl-avoids-principal-weights',
    title: 'RL updates avoid principal weights',
    statement:
      'The weights that RL changes fall on principal weights, those largest in the low-rank part of the base, less often than chance.',
    citations: [
      { arxiv: '2511.08567', where: 'section 3, Fig. 5' },
      { arxiv: '2606.07082', where: 'mask overlaps of SFT, on-policy distillation and RLVR' },
    ],
    definition:
      'Principal mask: the top share alpha of the entries of the rank-k reconstruction of W_0. Overlap: the share of changed weights inside it; chance is the density of the mask. The first paper states neither k nor alpha; the second gives 30 % in the text and rank 64 with 50 % in its appendix. The study uses its own options maskRank and maskShare, shown with the values.',
    conflict: 'principal-directions',
    section: SECTIONS.pathNotTaken,
    published: [
      printed({ label: 'RLVR', value: 26.65, unit: '%', baseline: 30, where: WHERE }),
      printed({ label: 'on-policy distillation', value: 27.31, unit: '%', baseline: 30, where: WHERE }),
      printed({ label: 'SFT', value: 29.66, unit: '%', baseline: 30, where: WHERE }),
    ],
    chance:
      'Density of the mask. Principal weights tend to be large, and large weights have coarse bf16 steps and change less in any update: an isotropic update that changes as many weights, rounded to bf16, is the null that decides; the same update, permuted, stands beside it.',
    rule: maskRule('below'),
    needs: 'weights',
    measures: [MEASURE, `${MEASURE}.over-isotropic`, `${MEASURE}.over-null`],
  },
  perTensor: [MEASURE],
  judge: (rows) => maskOverlap(rows, MEASURE, 'below'),
};
