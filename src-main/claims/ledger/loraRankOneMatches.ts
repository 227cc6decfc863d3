import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const loraRankOneMatches = listed(
  {
    id: 'lora-rank-one-matches',
    title: 'A LoRA of rank 1 trains as well as full RL',
    statement: 'For RL, adapters of rank 1 on all layers reach what full fine-tuning reaches.',
    citations: [{ arxiv: null, where: 'LoRA Without Regret, Thinking Machines, September 2025' }],
    definition:
      'Learning curves of LoRA at ranks 1 to 512 and of full fine-tuning, at the best learning rate of each.',
    conflict: 'rank',
    section: SECTIONS.predictability,
    published: [
      printed({
        label: 'best learning rate, LoRA over full fine-tuning',
        value: 9.8,
        unit: ' times',
        where: 'fit in the text',
      }),
    ],
    chance: 'Full fine-tuning with the same number of learning rates tried.',
    needs: 'training',
  },
  'Needs training with adapters and without.',
);
