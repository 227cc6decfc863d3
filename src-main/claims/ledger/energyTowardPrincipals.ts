import { againstNull, commonSide, nullEvidence, nullSentence, runsOf } from '../againstNull.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { SIDES_RULE } from '../sides.ts';
import { spanText } from '../spanText.ts';

const MEASURE = 'energy.two-sided';
const MARGIN = 0.1;
const WHERE = 'DS-R1-1.5B to DeepScaleR, layer 13, k = 64';

export const energyTowardPrincipals: Claim = {
  info: {
    id: 'energy-toward-principals',
    title: 'The energy of RL updates leans toward the principal directions',
    statement:
      'The share of update energy inside the leading singular subspaces of the base is above that of an isotropic update, about 2 to 7 times in the one public pair that was measured.',
    citations: [
      { arxiv: null, where: 'github.com/thunderingluck/rlvr-geometry, summary.json; baseline computed here' },
    ],
    definition:
      '|U_k^T dW V_k|_F^2 / |dW|_F^2 per matrix, then the unweighted mean; k = 64 there, here the option k of the study, capped at half the smaller side.',
    conflict: 'principal-directions',
    section: SECTIONS.newer,
    published: [
      printed({
        label: 'q_proj',
        value: 0.87,
        unit: '%',
        baseline: 0.174,
        where: WHERE,
        reading: 'computed-here',
      }),
      printed({
        label: 'o_proj',
        value: 0.31,
        unit: '%',
        baseline: 0.174,
        where: WHERE,
        reading: 'computed-here',
      }),
      printed({
        label: 'down_proj',
        value: 0.2,
        unit: '%',
        baseline: 0.03,
        where: WHERE,
        reading: 'computed-here',
      }),
    ],
    chance: 'k^2 / (mn) for an isotropic update, by counting dimensions.',
    rule: `Over the last checkpoints of all RL runs. Supported: every share is at least 10 % above k^2 / (mn) and ${SIDES_RULE}. Contradicted: every share is 10 % below by the same test. Open: otherwise. SFT is shown beside it and does not enter the verdict.`,
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [MEASURE],
  judge: (rows) => {
    const rl = againstNull(rows, MEASURE, { role: 'rl', margin: MARGIN });
    if (typeof rl === 'string') return notApplicable(rl);
    const sft = againstNull(rows, MEASURE, { role: 'sft', margin: MARGIN });
    const side = commonSide(rl);
    const verdict = side === 'above' ? 'supported' : side === 'below' ? 'contradicted' : 'open';
    const times = (all: typeof rl): string =>
      spanText(
        all.map(({ ratio }) => ratio),
        'ratio',
      );
    const beside = typeof sft === 'string' ? '' : ` RL ${times(rl)} times chance, SFT ${times(sft)} times.`;
    return {
      verdict,
      because: nullSentence(rl, runsOf(rl, 'rl'), 'an isotropic update gives') + beside,
      evidence: [...rl, ...(typeof sft === 'string' ? [] : sft)].map(nullEvidence),
    };
  },
};
