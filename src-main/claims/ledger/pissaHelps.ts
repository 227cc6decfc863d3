import { listed } from '../listed.ts';
import { SECTIONS } from '../sections.ts';

export const pissaHelps = listed(
  {
    id: 'pissa-helps',
    title: 'PiSSA should help RL',
    statement:
      'If adapters work because the directions that matter are principal ones, starting an adapter there should help.',
    citations: [
      {
        arxiv: null,
        where: 'LoRA Without Regret, Thinking Machines, September 2025, as 2511.08567 reads it',
      },
    ],
    definition: 'Learning curves of PiSSA and of LoRA.',
    conflict: 'pissa',
    section: SECTIONS.pathNotTaken,
    published: [],
    chance: 'LoRA at the same rank and learning rate.',
    needs: 'training',
  },
  'Needs training with both initialisations.',
);
