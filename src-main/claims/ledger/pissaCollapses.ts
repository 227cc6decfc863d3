import { listed } from '../listed.ts';
import { SECTIONS } from '../sections.ts';

export const pissaCollapses = listed(
  {
    id: 'pissa-collapses',
    title: 'PiSSA does not help RL and collapses earlier',
    statement:
      'Starting in the principal directions brings no gain over LoRA and collapses earlier at high learning rates.',
    citations: [{ arxiv: '2511.08567', where: 'section 5.2' }],
    definition:
      'Learning curves on DeepMath-103K, ranks 8, 32 and 64, three learning rates; published as curves only.',
    conflict: 'pissa',
    section: SECTIONS.pathNotTaken,
    published: [],
    chance: 'LoRA at the same rank and learning rate.',
    needs: 'training',
  },
  'Needs training with both initialisations.',
);
