import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const rlHealsOod = listed(
  {
    id: 'rl-heals-ood',
    title: 'RL brings back what SFT lost out of distribution',
    statement: 'Out-of-distribution accuracy falls during SFT and RL recovers most of it.',
    citations: [{ arxiv: '2509.12235', where: 'GeneralPoints and V-IRL tables' }],
    definition:
      'Recovery (RL - SFT_end) / (SFT_max - SFT_end) of out-of-distribution accuracy. The restoration experiments behind the mechanism also rolled back whole layers, and the embeddings in every condition.',
    conflict: 'rotating-back',
    section: SECTIONS.heals,
    published: [
      printed({ label: 'Llama, OOD at the best SFT step', value: 17.52, unit: '%', where: 'GeneralPoints' }),
      printed({ label: 'Llama, OOD at the end of SFT', value: 8.97, unit: '%', where: 'GeneralPoints' }),
      printed({ label: 'Llama, OOD after RL', value: 16.24, unit: '%', where: 'GeneralPoints' }),
      printed({ label: 'Qwen, OOD at the best SFT step', value: 19.67, unit: '%', where: 'GeneralPoints' }),
      printed({ label: 'Qwen, OOD at the end of SFT', value: 17.09, unit: '%', where: 'GeneralPoints' }),
      printed({ label: 'Qwen, OOD after RL', value: 19.66, unit: '%', where: 'GeneralPoints' }),
    ],
    chance:
      'Sampling: with 234 problems the rise from SFT to RL is z = 2.4 for Llama and z = 0.7, not significant, for Qwen (own computation).',
    needs: 'model-run',
  },
  'Needs accuracies on probes in and out of distribution. What weights say about the direction is in the claim beside it.',
);
