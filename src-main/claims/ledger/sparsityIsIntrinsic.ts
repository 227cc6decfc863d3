import { bf16Runs } from '../bf16Runs.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { evidence } from '../ClaimRows.ts';
import { contrastText } from '../contrastText.ts';
import { printed } from '../printed.ts';
import { contrastEvidence, roleContrast } from '../roleContrast.ts';
import { ROUNDING_RULE, roundingOf, roundingText } from '../rounding.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'update.unchanged.within-1e-5';
const EXACT = 'update.unchanged.bf16';

const TABLE: readonly (readonly [string, number])[] = [
  ['Tulu-3-8B DPO', 81.4],
  ['Tulu-3-70B DPO', 95.2],
  ['DeepSeek-Math-7B-RL (GRPO)', 68.5],
  ['DeepSeek-V3-Base to R1-Zero', 86],
  ['mistral-orpo-beta', 76.9],
  ['Eurus-7B-KTO', 96],
  ['Llama-3-Base-8B-SFT-KTO', 81.2],
  ['math-shepherd-mistral-7b-rl (PPO)', 80.8],
  ['Llama-3-8B SimPO', 86.5],
  ['Eurus-2-7B-PRIME', 77],
];

export const sparsityIsIntrinsic: Claim = {
  info: {
    id: 'sparsity-is-intrinsic',
    title: 'Sparsity comes from RL itself',
    statement:
      'RL updates a small subnetwork only: 68 to 96 % of the parameters stay as they were, 6 to 15 % under SFT. This is intrinsic to RL.',
    citations: [{ arxiv: '2505.11711', where: 'Table 1, src/check_sparsity.py' }],
    definition:
      'Two bf16 values are equal when their difference, rounded to bf16, is at most 1e-5 (Table 1). The study counts the same; the share expected from rounding alone is known for exact equality, which is shown beside it.',
    conflict: 'sparsity-cause',
    section: SECTIONS.subnetworks,
    published: [
      ...TABLE.map(([label, value]) =>
        printed({ label, value, unit: '%', where: 'Table 1, tolerance 1e-5' }),
      ),
      printed({
        label: 'SFT only',
        value: 6,
        upTo: 15,
        unit: '%',
        where: 'Llama-3.1 to Tulu-3 SFT, Qwen2.5-Math to Eurus-2 SFT',
      }),
    ],
    chance:
      'An isotropic update of the same norm, rounded to bf16. The published comparison of RL with SFT does not hold the size of the update fixed.',
    rule: `Supported: the least sparse RL run is 5 points above the sparsest SFT run (most tensors of that pair agree, sign test p <= 0.01), and every RL run leaves more unchanged than size and rounding explain. Contradicted: size and rounding explain every RL run, or SFT is the sparser one. Open: otherwise. Here ${ROUNDING_RULE}. Only for weights stored in bf16.`,
    needs: 'weights',
    measures: [MEASURE, EXACT, 'update.relative-norm'],
  },
  perTensor: [MEASURE],
  judge: (rows) => {
    const exact = bf16Runs(rows.perRun(EXACT, 'rl'));
    if (typeof exact === 'string') return notApplicable(exact);
    const contrast = roleContrast(rows, MEASURE, { by: { difference: 0.05 } });
    if (typeof contrast === 'string') return notApplicable(contrast);
    const found = exact.map(roundingOf);
    const explained = found.filter((one) => one === 'explained').length;
    const more = found.every((one) => one === 'more');
    const verdict =
      explained === found.length || contrast.order === 'sft-higher'
        ? 'contradicted'
        : more && contrast.order === 'rl-higher'
          ? 'supported'
          : 'open';
    return {
      verdict,
      because: `${contrastText(contrast)} Compared exactly, RL: ${roundingText(exact)}; that explains ${explained} of ${found.length}.`,
      evidence: [
        ...contrastEvidence(contrast, rows),
        ...exact.map((row, i) => evidence(row, `exact; ${found[i] ?? 'no baseline'}`)),
      ],
    };
  },
};
