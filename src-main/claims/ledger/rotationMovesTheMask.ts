import { listed } from '../listed.ts';
import { SECTIONS } from '../sections.ts';

export const rotationMovesTheMask = listed(
  {
    id: 'rotation-moves-the-mask',
    title: 'Turning the basis of a layer destroys the overlap of its update mask',
    statement:
      'After a rotation or permutation that leaves the function of a layer as it was, the mask of RL there overlaps that of an untouched run no more than chance.',
    citations: [{ arxiv: '2511.08567', where: 'App. D, Fig. 6' }],
    definition: 'Overlap of update masks with an untouched run, layer by layer; published as a figure only.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [],
    chance: 'Independent masks of the same density.',
    needs: 'training',
  },
  'Needs an RL run that starts from a rotated base.',
);
