import { notApplicable, type Claim } from '../Claim.ts';
import { evidence } from '../ClaimRows.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const MEASURE = 'rank.numerical';
const STABLE = 'rank.stable';
const FULL = 0.98;
const NOT_FULL = 0.9;
const WHERE = 'mean over matrices';

export const updatesHaveFullRank: Claim = {
  info: {
    id: 'updates-have-full-rank',
    title: 'RL updates have nearly full rank',
    statement: 'Although sparse, the update of RL has about 99 % of full rank in every matrix.',
    citations: [{ arxiv: '2505.11711', where: 'src/update_rank.py (matrix_rank, default tolerance)' }],
    definition:
      'Singular values of dW above max(m, n) eps_32 s_1, over min(m, n), mean over matrices. The study takes the difference exactly and leaves embeddings and the output head out unless they are asked for; there they are in.',
    conflict: 'rank',
    section: SECTIONS.subnetworks,
    published: [
      printed({ label: 'Tulu-8B DPO', value: 99.8, unit: '%', where: WHERE }),
      printed({ label: 'PRIME', value: 99.5, unit: '%', where: WHERE }),
      printed({ label: 'Llama-3 KTO', value: 99.2, unit: '%', where: WHERE }),
      printed({ label: 'DeepSeek-Math GRPO', value: 99.4, unit: '%', where: WHERE }),
    ],
    chance:
      '100 %: the rounding of two bf16 matrices is of full rank by itself. So numerical rank confirms the number and says nothing about how many directions matter; the stable rank beside it does.',
    rule: 'Over the last checkpoints of all RL runs. Supported: every mean numerical rank is at least 98 %. Contradicted: every one is below 90 %. Open: otherwise. The verdict is about the printed number, which rounding alone gives as well.',
    needs: 'weights',
    measures: [MEASURE, STABLE],
  },
  perTensor: [],
  judge: (rows) => {
    const runs = rows.perRun(MEASURE, 'rl');
    if (typeof runs === 'string') return notApplicable(runs);
    const values = runs.map(({ value }) => value);
    const verdict = values.every((value) => value >= FULL)
      ? 'supported'
      : values.every((value) => value < NOT_FULL)
        ? 'contradicted'
        : 'open';
    const stable = rows.perRun(STABLE, 'rl');
    const beside =
      typeof stable === 'string'
        ? ''
        : ` The stable rank is ${spanText(
            stable.map(({ value }) => value),
            'dimensions',
          )} where Gaussian noise has ${spanText(
            stable.flatMap(({ baseline }) => (typeof baseline === 'number' ? baseline : [])),
            'dimensions',
          )}.`;
    return {
      verdict,
      because: `${runsText(runs.length, 'rl')}: numerical rank ${spanText(values, 'share')}, as rounding alone gives (100 %).${beside}`,
      evidence: [...runs, ...(typeof stable === 'string' ? [] : stable)].map((row) => evidence(row)),
    };
  },
};
