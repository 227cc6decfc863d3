import { listed } from '../listed.ts';
import { SECTIONS } from '../sections.ts';

export const klGate = listed(
  {
    id: 'kl-gate',
    title: 'On-policy RL stays close in distribution, which bounds the update',
    statement:
      'Every step of RL moves the distribution of the policy little, and that bounds how far the weights can move.',
    citations: [{ arxiv: '2511.08567', where: 'KL gate' }],
    definition: 'Token-wise KL divergence between the policy and its reference on sampled answers.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [],
    chance: 'The divergence between two samplings of the same policy.',
    needs: 'model-run',
  },
  'Needs both models to be run on the same answers.',
);
