import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const rankOneSuffices = listed(
  {
    id: 'rank-one-suffices',
    title: 'One direction carries nearly all of what RL learned',
    statement:
      'Replacing every update matrix by its strongest direction, scaled to the norm of the whole, keeps 99 % of the accuracy after RL.',
    citations: [{ arxiv: '2510.00553', where: 'Tables 7, 8; eval/svd.py' }],
    definition:
      'Relative accuracy acc(base + rank 1) / acc(RL), where the rank-1 part is scaled to |dW|_F; attention and MLP matrices only. It is a ratio of accuracies, not of gains: the untouched base scores well above 0 on it.',
    conflict: 'rank',
    section: SECTIONS.predictability,
    published: [
      printed({ label: 'average over models', value: 99.17, unit: '%', where: 'headline' }),
      printed({ label: 'DAPO', value: 100, unit: '%', where: 'MATH-500' }),
      printed({ label: 'DPO', value: 62.25, unit: '%', where: 'MATH-500' }),
      printed({ label: 'online distillation', value: 56.4, unit: '%', where: 'MATH-500' }),
      printed({ label: 'offline SFT', value: 2.5, unit: '%', where: 'MATH-500' }),
      printed({ label: 'offline distillation', value: 1.5, unit: '%', where: 'MATH-500' }),
    ],
    chance:
      'The accuracy of the base on the same scale. The scaling lengthens the kept direction by 1 over its norm share, 5 times for DAPO and 13 times for SFT: a confound of the comparison.',
    needs: 'model-run',
  },
  'Needs the model to be run with rank-1 updates. The norm share of the strongest direction is a claim of its own beside this one.',
);
