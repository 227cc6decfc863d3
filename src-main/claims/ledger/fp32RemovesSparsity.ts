import { notApplicable, type Claim } from '../Claim.ts';
import { evidence } from '../ClaimRows.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const NATIVE = 'update.unchanged.native';
const BF16 = 'update.unchanged.bf16';
const LEAST = 0.05;

export const fp32RemovesSparsity: Claim = {
  info: {
    id: 'fp32-removes-sparsity',
    title: 'Stored in fp32, the sparsity of RL mostly disappears',
    statement: 'The sparsity of RL updates largely vanishes when weights are stored in fp32 instead of bf16.',
    citations: [{ arxiv: '2511.08567', where: 'section 2.3, citing earlier work' }],
    definition:
      'The share of weights whose stored value is unchanged, against the share that is unchanged once both sides are rounded to bf16.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [],
    chance: 'The bf16 share of the same two checkpoints.',
    rule: 'Only for weights stored in fp32 on both sides and RL runs of which rounding to bf16 hides at least 5 %. Supported: in every such run at most half as many weights are unchanged as stored as in bf16. Contradicted: at least nine tenths as many in every one. Open: otherwise.',
    needs: 'weights',
    measures: [NATIVE, BF16],
  },
  perTensor: [],
  judge: (rows) => {
    const found = rows.perRun(NATIVE, 'rl');
    if (typeof found === 'string') return notApplicable(found);
    const stored = found.filter(({ dtype }) => dtype === 'F32');
    if (stored.length === 0)
      return notApplicable(
        `the weights are stored as ${[...new Set(found.map(({ dtype }) => dtype))].join('; ')}, not as fp32`,
      );
    const runs = stored.flatMap((native) => {
      const bf16 = rows.overall(BF16, native.variant);
      return bf16 && bf16.value >= LEAST ? [{ native, bf16 }] : [];
    });
    if (runs.length === 0) return notApplicable('no RL run leaves 5 % of its weights unchanged in bf16');
    const shares = runs.map(({ native, bf16 }) => native.value / bf16.value);
    const verdict = shares.every((share) => share <= 0.5)
      ? 'supported'
      : shares.every((share) => share >= 0.9)
        ? 'contradicted'
        : 'open';
    const native = spanText(
      runs.map((run) => run.native.value),
      'share',
    );
    const bf16 = spanText(
      runs.map((run) => run.bf16.value),
      'share',
    );
    return {
      verdict,
      because: `${runsText(runs.length, 'rl')}: ${native} unchanged as stored in fp32, ${bf16} unchanged once rounded to bf16.`,
      evidence: runs.flatMap((run) => [evidence(run.native, 'as stored'), evidence(run.bf16, 'rounded')]),
    };
  },
};
