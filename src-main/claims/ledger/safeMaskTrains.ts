import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const safeMaskTrains = listed(
  {
    id: 'safe-mask-trains',
    title: 'Training only where RL goes anyway loses nothing',
    statement:
      'RL restricted to weights that are not principal, or small, reaches nearly the accuracy of dense RL; restricted to principal weights it does worse.',
    citations: [{ arxiv: '2511.08567', where: 'sparse fine-tuning table' }],
    definition:
      'Mean of MATH500, AMC23, AIME24 and AIME25 after 320 steps with masks made from the base alone, DS-Qwen-1.5B.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [
      printed({ label: 'dense', value: 57.44, unit: '', where: '320 steps' }),
      printed({ label: 'principal mask, 50 %', value: 53.82, unit: '', where: '320 steps' }),
      printed({ label: 'without principal, 50 %', value: 55.4, unit: '', where: '320 steps' }),
      printed({ label: 'low-magnitude, 58.59 %', value: 56.69, unit: '', where: '320 steps' }),
      printed({ label: 'safe mask, 74.02 %', value: 56.24, unit: '', where: '320 steps' }),
      printed({ label: 'random, 74.02 %', value: 55.34, unit: '', where: '320 steps' }),
    ],
    chance:
      'A random mask of the same density per layer. Differences are 1 to 3 points on four small benchmarks, without intervals.',
    needs: 'training',
  },
  'Needs RL runs inside masks.',
);
