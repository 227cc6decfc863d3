import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const sparsityIsTheOptimiser = listed(
  {
    id: 'sparsity-is-the-optimiser',
    title: 'Sparsity comes from the optimiser',
    statement:
      'RL with plain SGD matches AdamW while changing far fewer parameters, so sparsity is a property of optimiser, learning rate and precision, not of RL.',
    citations: [{ arxiv: '2602.07729', where: 'README of sgd_adam_rlvr; the paper was not read' }],
    definition: 'Share of parameters changed by RL with SGD and with AdamW at matched accuracy.',
    conflict: 'sparsity-cause',
    section: SECTIONS.newer,
    published: [
      printed({
        label: 'changed parameters, SGD',
        qualifier: 'below',
        value: 0.02,
        unit: '%',
        where: 'README',
      }),
    ],
    chance: 'The same run with the other optimiser.',
    needs: 'training',
  },
  'Needs two RL runs that differ in the optimiser only, and their accuracies; checkpoints do not say which optimiser made them.',
);
