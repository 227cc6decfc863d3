import { bf16Runs } from '../bf16Runs.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { contrastText } from '../contrastText.ts';
import { printed } from '../printed.ts';
import { contrastEvidence, normNote, roleContrast } from '../roleContrast.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'update.unchanged.bf16';

/** Label, algorithm and sparsity of Table 1. */
const TABLE: readonly (readonly [string, number])[] = [
  ['SFT, DS-R1-Distill-Qwen-1.5B', 2.8],
  ['GRPO, DeepScaleR-1.5B-Preview', 53.8],
  ['GRPO, DeepCoder-1.5B-Preview', 45.5],
  ['GRPO, Archer-Code-1.5B', 52.5],
  ['GRPO, NV-ProRL', 38.4],
  ['REINFORCE++, NV-ProRL-v2', 36.3],
  ['SFT, Klear-Reasoner-8B-SFT', 0.6],
  ['GRPO, Klear-Reasoner-8B', 69.5],
  ['GRPO, GT-Qwen3-8B-Base', 79.9],
  ['DAPO, their own on Qwen3-8B-Base', 79.7],
  ['SFT, UniReason-Qwen3-14B-think-SFT', 18.8],
  ['GRPO, UniReason-Qwen3-14B-RL', 68.3],
  ['DAPO, Polaris-4B-Preview', 79.3],
  ['DAPO, Polaris-7B-Preview', 61.7],
  ['GRPO, UloRL-A3B', 91.7],
];

export const rlLeavesMoreUnchanged: Claim = {
  info: {
    id: 'rl-leaves-more-unchanged',
    title: 'RL leaves far more stored weights unchanged than SFT',
    statement: 'RL leaves 36 to 92 % of the bf16 weights of a model bitwise unchanged, SFT 0.6 to 18.8 %.',
    citations: [{ arxiv: '2511.08567', where: 'Def. 2.1, 2.2, Table 1' }],
    definition:
      "A weight is unchanged when |w' - w| <= 1e-3 max(|w|, |w'|), which for stored bf16 is bitwise equality (with -0 = +0); the share is over all parameters. The study counts exactly this, each variant against what it was trained from.",
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [
      printed({ label: 'RL, range', value: 36, upTo: 92, unit: '%', where: 'stated range' }),
      printed({ label: 'SFT, range', value: 0.6, upTo: 18.8, unit: '%', where: 'stated range' }),
      ...TABLE.map(([label, value]) => printed({ label, value, unit: '%', where: 'Table 1' })),
    ],
    chance:
      'A smaller update leaves more weights unchanged whatever the objective: the baseline is an isotropic update of the same norm, rounded to bf16.',
    rule: 'Over the last checkpoints of all runs. Supported: the least sparse RL run is at least 5 points above the sparsest SFT run, and most tensors of that closest pair agree (sign test p <= 0.01). Contradicted: the reverse. Open: otherwise. Only for weights stored in bf16. The verdict is about the shares, not about their cause.',
    needs: 'weights',
    measures: [MEASURE, 'update.relative-norm'],
  },
  perTensor: [MEASURE],
  judge: (rows) => {
    const stored = bf16Runs(rows.perRun(MEASURE, 'rl'));
    if (typeof stored === 'string') return notApplicable(stored);
    const contrast = roleContrast(rows, MEASURE, { by: { difference: 0.05 } });
    if (typeof contrast === 'string') return notApplicable(contrast);
    const verdict = { 'rl-higher': 'supported', 'sft-higher': 'contradicted', overlapping: 'open' } as const;
    return {
      verdict: verdict[contrast.order],
      because: contrastText(contrast) + normNote(rows, [...contrast.rl, ...contrast.sft]),
      evidence: contrastEvidence(contrast, rows),
    };
  },
};
