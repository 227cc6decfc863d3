import { bf16Runs } from '../bf16Runs.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { evidence } from '../ClaimRows.ts';
import { ROUNDING_RULE, roundingOf, roundingText } from '../rounding.ts';
import { SECTIONS } from '../sections.ts';
import { runsText } from '../spanText.ts';

const MEASURE = 'update.unchanged.bf16';
const LEAST = 0.05;

export const sparsityIsRounding: Claim = {
  info: {
    id: 'sparsity-is-rounding',
    title: 'Sparsity is a readout of small steps and bf16',
    statement:
      'A stored bf16 weight changes only when its update exceeds about half a step of bf16 (the precision gate); the sparsity of RL is a superficial readout of that.',
    citations: [{ arxiv: '2511.08567', where: 'section 2.3, precision gate' }],
    definition:
      'Unchanged bf16 weights (Def. 2.1) against the gate |dW_ij| >= ulp(W_ij) / 2. The study puts the gate into a number: the share that an isotropic update of the same norm per tensor would leave unchanged.',
    conflict: 'sparsity-cause',
    section: SECTIONS.pathNotTaken,
    published: [],
    chance:
      'The isotropic update of the same norm per tensor, rounded to bf16, is itself the claim made into a number.',
    rule: `Supported: rounding explains every RL run. Contradicted: every RL run leaves more unchanged than that. Open: otherwise. Here ${ROUNDING_RULE}. Only for weights stored in bf16, and where some RL run leaves at least 5 % unchanged.`,
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [],
  judge: (rows) => {
    const runs = bf16Runs(rows.perRun(MEASURE, 'rl'));
    if (typeof runs === 'string') return notApplicable(runs);
    if (runs.every(({ value }) => value < LEAST))
      return notApplicable('no RL run leaves 5 % of its weights unchanged: there is no sparsity to explain');
    const found = runs.map(roundingOf);
    if (found.includes(null)) return notApplicable('the share expected from rounding alone is not stored');
    const explained = found.filter((one) => one === 'explained').length;
    const verdict =
      explained === found.length
        ? 'supported'
        : found.every((one) => one === 'more')
          ? 'contradicted'
          : 'open';
    return {
      verdict,
      because: `${runsText(runs.length, 'rl')}: ${roundingText(runs)}; that explains ${explained} of ${found.length}.`,
      evidence: runs.map((row, i) => evidence(row, found[i] ?? '')),
    };
  },
};
