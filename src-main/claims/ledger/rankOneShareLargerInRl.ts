import { notApplicable, type Claim } from '../Claim.ts';
import { baselineOf } from '../ClaimRows.ts';
import { contrastText } from '../contrastText.ts';
import { printed } from '../printed.ts';
import { contrastEvidence, normNote, roleContrast } from '../roleContrast.ts';
import { SECTIONS } from '../sections.ts';
import { spanText } from '../spanText.ts';

const MEASURE = 'rank.one-norm-share';
const WHERE = 'Tables 7, 8';

export const rankOneShareLargerInRl: Claim = {
  info: {
    id: 'rank-one-share-larger-in-rl',
    title: 'One direction holds more of the update in RL than in SFT',
    statement:
      'The strongest singular direction of the update holds a larger share of its norm in RL than in SFT.',
    citations: [{ arxiv: '2510.00553', where: 'Tables 7, 8 and public code' }],
    definition:
      'sum over matrices of s_1(dW) over the sum of |dW|_F, not squared: 19.3 % of the norm is 3.7 % of the energy. Attention and MLP matrices; the study leaves embeddings and the output head out unless they are asked for.',
    conflict: 'rank',
    section: SECTIONS.predictability,
    published: [
      printed({ label: 'DAPO', value: 19.3, unit: '%', where: WHERE }),
      printed({ label: 'DPO', value: 11.42, unit: '%', where: WHERE }),
      printed({ label: 'online distillation', value: 10.45, unit: '%', where: WHERE }),
      printed({ label: 'offline SFT', value: 7.7, unit: '%', where: WHERE }),
      printed({ label: 'offline distillation', value: 12.6, unit: '%', where: WHERE }),
    ],
    chance:
      '(sqrt m + sqrt n) / sqrt(mn) for an update of independent Gaussian entries. Update norms of the published runs differ by 100 to 1000 times.',
    rule: 'Over the last checkpoints of all runs. Supported: the smallest RL share is at least 1.1 times the largest SFT share, most matrices of that closest pair agree (sign test p <= 0.01), and every RL share is 1.1 times the Gaussian one. Contradicted: SFT is larger by the same test, or no RL share is 1.1 times the Gaussian one. Open: otherwise.',
    needs: 'weights',
    measures: [MEASURE, 'update.relative-norm'],
  },
  perTensor: [MEASURE],
  judge: (rows) => {
    const contrast = roleContrast(rows, MEASURE, { by: { factor: 1.1 } });
    if (typeof contrast === 'string') return notApplicable(contrast);
    const beyond = contrast.rl.map((row) => row.value >= 1.1 * (baselineOf(row) ?? Infinity));
    const verdict =
      contrast.order === 'sft-higher' || !beyond.includes(true)
        ? 'contradicted'
        : contrast.order === 'rl-higher' && beyond.every(Boolean)
          ? 'supported'
          : 'open';
    const gaussian = spanText(
      contrast.rl.flatMap((row) => baselineOf(row) ?? []),
      'share',
    );
    return {
      verdict,
      because: `${contrastText(contrast)} Gaussian updates: ${gaussian}.${normNote(rows, [...contrast.rl, ...contrast.sft])}`,
      evidence: contrastEvidence(contrast, rows),
    };
  },
};
