import { listed } from '../listed.ts';
import { SECTIONS } from '../sections.ts';

export const rlCollapsesFormats = listed(
  {
    id: 'rl-collapses-formats',
    title: 'RL makes a model settle on one output format',
    statement:
      'Within about the first epoch of RL the output collapses onto one of the formats of pretraining; a stronger KL term keeps the minority formats.',
    citations: [{ arxiv: '2504.07912', where: 'Echo Chamber' }],
    definition:
      'Share of every output format by a classifier, and accuracy inside each. The published classifier takes the letters "def" for code.',
    conflict: null,
    section: SECTIONS.behaviour,
    published: [],
    chance: 'The format shares of the base, with an interval over prompts.',
    needs: 'model-run',
  },
  'Needs sampled answers of the base and of the variants.',
);
