import type { Claim } from '../Claim.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { smallerInRl, SMALLER_RULE } from '../smallerInRl.ts';

const MEASURE = 'spectrum.nss';
const WHERE = 'Qwen3-8B, order of magnitude';

export const spectrumStaysPut: Claim = {
  info: {
    id: 'spectrum-stays-put',
    title: 'RL leaves the spectrum where it is, SFT moves it',
    statement:
      'Under RL the singular values of the weights stay almost unchanged; under SFT they move much more.',
    citations: [
      { arxiv: '2511.08567', where: 'section 3, Fig. 4' },
      { arxiv: '2606.07082', where: 'orders of the normalised spectral shift' },
    ],
    definition:
      "|s(W') - s(W)|_2 / |s(W)|_2 over all singular values, unweighted mean over matrices. It grows with the size of the update and can never exceed |dW|_F / |W|_F (Mirsky).",
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [
      printed({ label: 'RLVR', qualifier: 'order of', value: 1e-5, unit: '', where: WHERE }),
      printed({
        label: 'on-policy distillation',
        qualifier: 'order of',
        value: 1e-4,
        unit: '',
        where: WHERE,
      }),
      printed({ label: 'SFT', qualifier: 'order of', value: 1e-3, unit: '', where: WHERE }),
    ],
    chance:
      'The ceiling |dW|_F / |W|_F (own consequence of Mirsky): a smaller update moves the spectrum less whatever made it.',
    rule: SMALLER_RULE,
    needs: 'weights',
    measures: [MEASURE, 'update.relative-norm'],
  },
  perTensor: [MEASURE],
  judge: (rows) => smallerInRl(rows, { [MEASURE]: 'Shift' }),
};
