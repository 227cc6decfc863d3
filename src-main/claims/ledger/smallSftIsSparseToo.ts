import { bf16Runs } from '../bf16Runs.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { evidence, type ClaimRows, type NumberRow } from '../ClaimRows.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { formatValue } from '../../contract/format.ts';

const MEASURE = 'update.unchanged.bf16';
const NORM = 'update.relative-norm';
const ALIKE = 1.5;
const POINTS = 0.05;
const WHERE = 'notebook in the history of the repository, Llama-3.1-8B, 2000 steps at 5e-7';

interface Match {
  readonly rl: NumberRow;
  readonly sft: NumberRow;
  readonly norms: readonly [number, number];
}

export const smallSftIsSparseToo: Claim = {
  info: {
    id: 'small-sft-is-sparse-too',
    title: 'SFT with small steps is as sparse as RL',
    statement:
      'A short SFT run at a small learning rate is sparse too (60 % unchanged in the published run), so a sparse update does not tell RL from SFT.',
    citations: [{ arxiv: '2505.11711', where: 'deleted notebook of the public repository' }],
    definition:
      'Share of exact zeros of the bf16 difference. The study compares SFT and RL checkpoints whose relative update norms are alike, whatever their learning rates.',
    conflict: null,
    section: SECTIONS.subnetworks,
    published: [
      printed({ label: 'SFT, exact zeros', value: 59.9, unit: '%', where: WHERE }),
      printed({ label: 'SFT, within 1e-5', value: 63.1, unit: '%', where: WHERE }),
    ],
    chance:
      'If size and rounding decide, two updates of equal relative norm leave about equally much unchanged.',
    rule: 'Over the last checkpoints of all runs, pairs of an RL and an SFT run whose relative update norms are within a factor of 1.5. Supported: in every such pair SFT leaves at most 5 points fewer unchanged than RL. Contradicted: in every pair it leaves more than 5 points fewer. Open: otherwise, or when no pair is alike in norm. Only for weights stored in bf16.',
    needs: 'weights',
    measures: [MEASURE, NORM],
  },
  perTensor: [],
  judge: (rows) => {
    const rl = bf16Runs(rows.perRun(MEASURE, 'rl'));
    if (typeof rl === 'string') return notApplicable(rl);
    const sft = rows.perRun(MEASURE, 'sft');
    if (typeof sft === 'string') return notApplicable(sft);
    const matches = rl.flatMap((a) => sft.flatMap((b) => match(rows, a, b) ?? []));
    if (matches.length === 0)
      return {
        verdict: 'open',
        because:
          'No SFT run has a relative update norm within a factor of 1.5 of an RL run, so like is not compared with like.',
        evidence: [...rl, ...sft].map((row) => evidence(row)),
      };
    const near = matches.map((pair) => pair.sft.value >= pair.rl.value - POINTS);
    const verdict = near.every(Boolean) ? 'supported' : near.includes(true) ? 'open' : 'contradicted';
    return {
      verdict,
      because: `At like norms: ${matches.map(sentence).join('; ')}.`,
      evidence: [...new Set(matches.flatMap((pair) => [pair.rl, pair.sft]))].map((row) => evidence(row)),
    };
  },
};

function match(rows: ClaimRows, rl: NumberRow, sft: NumberRow): Match | null {
  const a = rows.overall(NORM, rl.variant)?.value ?? 0;
  const b = rows.overall(NORM, sft.variant)?.value ?? 0;
  const isAlike = a > 0 && b > 0 && Math.max(a, b) <= ALIKE * Math.min(a, b);
  return isAlike ? { rl, sft, norms: [a, b] } : null;
}

function sentence({ rl, sft, norms: [a, b] }: Match): string {
  return `${sft.variant} (norm ${formatValue(b, 'ratio')}) leaves ${formatValue(sft.value, 'share')} unchanged, ${rl.variant} (norm ${formatValue(a, 'ratio')}) ${formatValue(rl.value, 'share')}`;
}
