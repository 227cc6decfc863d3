import { notApplicable, type Claim } from '../Claim.ts';
import { evidence } from '../ClaimRows.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const COARSE = 'update.unchanged.within-1e-5';
const FINE = 'update.unchanged.within-1e-8';
const LEAST = 0.05;

/** Model, unchanged per cent at tolerance 1e-8 and at 1e-5. */
const TABLE: readonly (readonly [string, number, number])[] = [
  ['Tulu-3-8B DPO', 76.04, 81.38],
  ['Tulu-3-70B DPO', 87.58, 95.24],
  ['DeepSeek-Math-7B-RL', 68.14, 68.53],
  ['mistral-orpo-beta', 73.16, 76.94],
  ['mistral-orpo-alpha', 50.4, 53.23],
  ['Eurus-7B-KTO', 71.78, 95.98],
  ['math-shepherd PPO', 52.45, 80.77],
  ['Eurus-2-7B-PRIME', 75.26, 77.04],
  ['Llama-3-Instruct SimPO', 71, 76.42],
  ['Llama-3-Base-SFT SimPO', 79.47, 86.52],
  ['Mistral-Instruct SimPO', 59.37, 89.07],
  ['Mistral-Base-SFT SimPO', 62.58, 91.44],
];

export const toleranceMovesSparsity: Claim = {
  info: {
    id: 'tolerance-moves-sparsity',
    title: 'The tolerance decides how sparse an update looks',
    statement:
      'Counting changes up to 1e-5 as none makes updates look sparser than exact comparison does, in several models by 10 to 30 points: every one-step change of a small weight is hidden.',
    citations: [
      { arxiv: '2505.11711', where: 'Table 6' },
      { arxiv: '2511.08567', where: 'App. E.1' },
    ],
    definition:
      'Share of weights whose bf16 difference is at most the tolerance, at 1e-5 and at 1e-8; the latter is the one comparable with bitwise equality. The study counts the same.',
    conflict: null,
    section: SECTIONS.subnetworks,
    published: TABLE.flatMap(([model, fine, coarse]) => [
      printed({ label: `${model}, 1e-8`, value: fine, unit: '%', where: 'Table 6' }),
      printed({ label: `${model}, 1e-5`, value: coarse, unit: '%', where: 'Table 6' }),
    ]),
    chance:
      'A one-step change is at most 1e-5 exactly when |w| < 2^-9 = 0.00195, so the effect depends on how many weights are that small (own derivation).',
    rule: 'Over the last checkpoints of all RL runs. Supported: the share at 1e-5 is at least 5 points above that at 1e-8 in some run. Open: otherwise, since the claim is that it can happen; the published sweep has models without the effect too. It cannot be contradicted by one study.',
    needs: 'weights',
    measures: [COARSE, FINE],
  },
  perTensor: [],
  judge: (rows) => {
    const coarse = rows.perRun(COARSE, 'rl');
    if (typeof coarse === 'string') return notApplicable(coarse);
    const runs = coarse.flatMap((row) => {
      const fine = rows.overall(FINE, row.variant);
      return fine ? [{ coarse: row, fine }] : [];
    });
    if (runs.length === 0) return notApplicable(`no result of ${FINE} is stored`);
    const gaps = runs.map((run) => run.coarse.value - run.fine.value);
    const span = (of: (run: (typeof runs)[number]) => number): string => spanText(runs.map(of), 'share');
    return {
      verdict: gaps.some((gap) => gap >= LEAST) ? 'supported' : 'open',
      because: `${runsText(runs.length, 'rl')}: ${span((run) => run.fine.value)} unchanged at 1e-8, ${span((run) => run.coarse.value)} at 1e-5; the tolerance adds ${(100 * Math.min(...gaps)).toFixed(2)} to ${(100 * Math.max(...gaps)).toFixed(2)} points.`,
      evidence: runs.flatMap((run) => [evidence(run.fine), evidence(run.coarse)]),
    };
  },
};
