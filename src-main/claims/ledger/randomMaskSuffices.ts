import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const randomMaskSuffices = listed(
  {
    id: 'random-mask-suffices',
    title: 'Any random mask of 1 % trains as well',
    statement:
      'RL restricted to a random 1 % of the weights matches full RL, with masks that share next to nothing.',
    citations: [{ arxiv: '2602.01599', where: 'Multiple Ticket Hypothesis' }],
    definition:
      'Accuracy of runs that train inside fixed random masks, Qwen2.5-0.5B and 1.5B on GSM8K, MATH-500 and Alphabet Sort; Jaccard index of the masks.',
    conflict: 'subnetwork',
    section: SECTIONS.newer,
    published: [
      printed({ label: 'trained share', value: 1, unit: '%', where: 'text' }),
      printed({
        label: 'mutual Jaccard index',
        qualifier: 'at most',
        value: 0.005,
        unit: '',
        where: 'text',
      }),
    ],
    chance: 'The full run itself, with an interval over samples.',
    needs: 'training',
  },
  'Needs RL runs restricted to random masks. The overlap of unrestricted runs says nothing about whether other masks would do.',
);
