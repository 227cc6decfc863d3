import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const directionPredictsAccuracy = listed(
  {
    id: 'direction-predicts-accuracy',
    title: 'The strongest direction predicts accuracy linearly',
    statement: 'Along a run the strongest singular vector of the update predicts accuracy linearly.',
    citations: [{ arxiv: '2510.00553', where: 'AlphaPLS' }],
    definition:
      'R^2 of a one-component PLS fit from the vectors of 27 checkpoints to their accuracies, fitted and scored on the same checkpoints.',
    conflict: null,
    section: SECTIONS.predictability,
    published: [printed({ label: 'mean R^2', value: 0.914, unit: '', where: 'text' })],
    chance:
      'Vectors of pure noise give an in-sample R^2 of 0.994 by the same recipe, a random walk 0.971 (own simulation): the published mean is below what noise gives. Only a leave-one-out R^2 against a random walk is evidence.',
    needs: 'trajectory',
  },
  'Needs the checkpoints of a run with their accuracies.',
);
