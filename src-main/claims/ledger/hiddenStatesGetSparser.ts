import { listed } from '../listed.ts';
import { SECTIONS } from '../sections.ts';

export const hiddenStatesGetSparser = listed(
  {
    id: 'hidden-states-get-sparser',
    title: 'The harder the input, the sparser the last hidden state',
    statement:
      'Harder, longer, noisier or conflicting inputs give sparser hidden states at the last position.',
    citations: [{ arxiv: '2603.03415', where: 'abstract and public code' }],
    definition:
      'L1, top-k energy, Hoyer, Gini and further measures of the last hidden state of the prompt. Its code defines some of them in two ways; no table of numbers was found, so none is shown.',
    conflict: null,
    section: SECTIONS.behaviour,
    published: [],
    chance:
      'After a normalisation layer the Euclidean norm is nearly fixed, so L1 and Hoyer then say the same (own remark).',
    needs: 'model-run',
  },
  'Needs the hidden states of the model on graded inputs.',
);
