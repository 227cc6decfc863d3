import type { Claim } from '../Claim.ts';
import { maskOverlap, maskRule } from '../maskOverlap.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'masks.principal-not-low';

export const principalNotLowAvoidedMost: Claim = {
  info: {
    id: 'principal-not-low-avoided',
    title: 'Principal weights that are not small are avoided',
    statement:
      'Once low-magnitude weights are taken out of the principal mask, RL changes fall on the rest of it less often than chance, and less still than on the whole mask.',
    citations: [{ arxiv: '2511.08567', where: 'section 3, Fig. 5' }],
    definition:
      'The principal mask without the low-magnitude mask; chance is the density of that intersection, not alpha. The paper states neither k nor alpha; the study uses its options maskRank and maskShare. Only the first half of the statement is tested.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [],
    chance:
      'Density of the mask. Its weights are large by construction, with coarse bf16 steps: an isotropic update that changes as many weights, rounded to bf16, is the null that decides; the same update, permuted, stands beside it.',
    rule: maskRule('below'),
    needs: 'weights',
    measures: [MEASURE, `${MEASURE}.over-isotropic`, `${MEASURE}.over-null`],
  },
  perTensor: [MEASURE],
  judge: (rows) => maskOverlap(rows, MEASURE, 'below'),
};
