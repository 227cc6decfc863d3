import type { Claim } from '../Claim.ts';
import { maskOverlap, maskRule } from '../maskOverlap.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'masks.low';
const WHERE = 'overlap with the low-magnitude mask, Qwen3-8B';

export const rlChangesSmallWeights: Claim = {
  info: {
    id: 'rl-changes-small-weights',
    title: 'RL updates fall on low-magnitude weights',
    statement: 'The weights that RL changes are low-magnitude weights of the base more often than chance.',
    citations: [
      { arxiv: '2511.08567', where: 'section 3, Fig. 5' },
      { arxiv: '2606.07082', where: 'mask overlaps of SFT, on-policy distillation and RLVR' },
    ],
    definition:
      'Low-magnitude mask: the bottom share alpha of |W_0|, ties broken by index. Overlap: the share of changed weights inside it; chance is the density of the mask. The first paper does not state alpha; the study uses its option maskShare.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [
      printed({ label: 'RLVR', value: 73.48, unit: '%', baseline: 30, where: WHERE }),
      printed({ label: 'on-policy distillation', value: 53.59, unit: '%', baseline: 30, where: WHERE }),
      printed({ label: 'SFT', value: 31.88, unit: '%', baseline: 30, where: WHERE }),
    ],
    chance:
      'Density of the mask. Partly mechanical: the step of bf16 is proportional to |w|, so small weights change first in any update: an isotropic update that changes as many weights, rounded to bf16, is the null that decides; the same update, permuted, stands beside it.',
    rule: maskRule('above'),
    needs: 'weights',
    measures: [MEASURE, `${MEASURE}.over-isotropic`, `${MEASURE}.over-null`],
  },
  perTensor: [MEASURE],
  judge: (rows) => maskOverlap(rows, MEASURE, 'above'),
};
