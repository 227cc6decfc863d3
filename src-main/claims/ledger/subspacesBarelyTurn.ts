import type { Claim } from '../Claim.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { smallerInRl, SMALLER_RULE } from '../smallerInRl.ts';

const MEASURES = {
  'angles.left.max': 'Largest angle, output side',
  'angles.right.max': 'Largest angle, input side',
  'angles.left.median': 'Median angle, output side',
  'angles.right.median': 'Median angle, input side',
};
const WHERE = 'Qwen3-8B, representative layer, k = 512';

export const subspacesBarelyTurn: Claim = {
  info: {
    id: 'subspaces-barely-turn',
    title: 'RL hardly turns the leading singular subspaces, SFT turns them',
    statement: 'The top-k singular subspaces of the weights rotate little under RL and much more under SFT.',
    citations: [
      { arxiv: '2511.08567', where: 'section 3, Fig. 4 (curves; k is not stated)' },
      { arxiv: '2606.07082', where: 'principal angles' },
    ],
    definition:
      "Principal angles between the top-k singular subspaces of W and W', left and right; the first paper shows the largest angle of each layer, the second a representative layer at k = 512. The study takes the largest and the median angle of every matrix at its own k, capped at half the smaller side, and their mean over matrices. No table of the first paper gives an angle, so none is shown.",
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [
      printed({ label: 'RLVR', qualifier: 'below', value: 0.5, unit: '°', where: WHERE }),
      printed({ label: 'on-policy distillation', qualifier: 'about', value: 1, unit: '°', where: WHERE }),
      printed({ label: 'SFT', qualifier: 'above', value: 10, unit: '°', where: WHERE }),
    ],
    chance:
      'Two random subspaces are at angles near 90 degrees. More to the point, every angle is bounded by the size of the update over the gap in the spectrum: a smaller update turns less whatever made it.',
    rule: `All four angle measures must agree. ${SMALLER_RULE}`,
    needs: 'weights',
    measures: [...Object.keys(MEASURES), 'update.relative-norm'],
  },
  perTensor: Object.keys(MEASURES),
  judge: (rows) => smallerInRl(rows, MEASURES),
};
