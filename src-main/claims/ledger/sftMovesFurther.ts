import { notApplicable, type Claim } from '../Claim.ts';
import { evidence, type ClaimRows } from '../ClaimRows.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const MEASURE = 'update.norm';
const FACTOR = 2;
const WHERE = 'Tables 7, 8, mean over modules';

export const sftMovesFurther: Claim = {
  info: {
    id: 'sft-moves-further',
    title: 'SFT moves the weights much further than RL',
    statement: 'The update of SFT is larger than that of RL by orders of magnitude.',
    citations: [{ arxiv: '2510.00553', where: 'Tables 7, 8' }],
    definition:
      'Mean of |dW|_F over the attention and MLP matrices of the layers. The study takes the same mean, each variant against what it was trained from; biases and normalisation weights are left out.',
    conflict: null,
    section: SECTIONS.predictability,
    published: [
      printed({ label: 'DAPO', value: 0.01, unit: '', where: WHERE }),
      printed({ label: 'DPO', value: 0.79, unit: '', where: WHERE }),
      printed({ label: 'online distillation', value: 1.46, unit: '', where: WHERE }),
      printed({ label: 'offline SFT', value: 10.75, unit: '', where: WHERE }),
      printed({ label: 'offline distillation', value: 21.24, unit: '', where: WHERE }),
    ],
    chance:
      'None: the size of an update follows from learning rate, number of steps and optimiser, which the published runs do not hold fixed. Every comparison of shapes has to be read beside it.',
    rule: 'Over the last checkpoints of all runs. Supported: the smallest SFT norm is at least twice the largest RL norm. Contradicted: the smallest RL norm is larger than the largest SFT norm. Open: otherwise.',
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [MEASURE],
  judge: (rows) => {
    const rl = rows.perRun(MEASURE, 'rl');
    if (typeof rl === 'string') return notApplicable(rl);
    const sft = rows.perRun(MEASURE, 'sft');
    if (typeof sft === 'string') return notApplicable(sft);
    const norms = (all: typeof rl): number[] => all.flatMap(({ variant }) => meanNorm(rows, variant) ?? []);
    const [a, b] = [norms(rl), norms(sft)];
    if (a.length === 0 || b.length === 0) return notApplicable('no matrix of a layer is compared');
    const verdict =
      Math.min(...b) >= FACTOR * Math.max(...a)
        ? 'supported'
        : Math.min(...a) > Math.max(...b)
          ? 'contradicted'
          : 'open';
    return {
      verdict,
      because: `Mean norm per matrix: SFT ${spanText(b, 'weight')} (${runsText(b.length, 'sft')}), RL ${spanText(a, 'weight')} (${runsText(a.length, 'rl')}).`,
      evidence: [...rl, ...sft].map((row) => ({
        ...evidence(row, 'mean over matrices of the layers'),
        value: meanNorm(rows, row.variant),
        baseline: null,
      })),
    };
  },
};

function meanNorm(rows: ClaimRows, label: string): number | null {
  const values = rows.tensors(MEASURE, label).flatMap(({ layer, module, value }) => {
    const isMatrix = layer !== null && !/norm|bias|(^|\.)ln_/.test(module ?? '');
    return isMatrix ? value : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
