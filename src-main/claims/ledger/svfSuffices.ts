import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const svfSuffices = listed(
  {
    id: 'svf-suffices',
    title: 'Scaling singular values is enough to adapt a model',
    statement:
      'Learning one factor per singular value adapts a model with far fewer parameters than LoRA and without its losses.',
    citations: [{ arxiv: '2501.06252', where: 'SVF; the released code also restores the nuclear norm' }],
    definition: "W' = U diag(s z) V^T, trained by REINFORCE; accuracy against LoRA.",
    conflict: null,
    section: SECTIONS.svf,
    published: [
      printed({ label: 'parameters, SVF', value: 0.16, upTo: 0.58, unit: ' M', where: 'text' }),
      printed({ label: 'parameters, LoRA', value: 6.82, upTo: 35.13, unit: ' M', where: 'text' }),
      printed({ label: 'Llama-3-70B GSM8K, base', value: 85.29, unit: '', where: 'text' }),
      printed({ label: 'Llama-3-70B GSM8K, LoRA', value: 77.26, unit: '', where: 'text' }),
    ],
    chance: 'The untouched base.',
    needs: 'training',
  },
  'Needs training of the factors.',
);
