import { notApplicable, type Claim } from '../Claim.ts';
import { baselineOf, evidence, type ClaimRows, type NumberRow } from '../ClaimRows.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const MEASURE = 'update.unchanged.bf16';
const ALMOST_ALL = 0.99;
const NORM = /norm|(^|\.)ln_/;

interface Norms {
  readonly row: NumberRow;
  readonly tensors: number;
  /** Mean over norm tensors of the unchanged share, and of what rounding alone leaves. */
  readonly unchanged: number;
  readonly rounding: number;
}

export const normLayersStayPut: Claim = {
  info: {
    id: 'norm-layers-stay-put',
    title: 'RL almost never updates normalisation layers',
    statement: 'The weights of normalisation layers are almost never updated by RL.',
    citations: [{ arxiv: '2505.11711', where: 'layer-wise analysis' }],
    definition:
      'Unchanged share per tensor, unweighted mean over the normalisation tensors, as their public code averages. There within 1e-5, here bitwise in bf16; near 1 the two are the same, since the bf16 step is 0.0078.',
    conflict: null,
    section: SECTIONS.subnetworks,
    published: [],
    chance:
      'These weights stay near 1, where the step of bf16 is 2^-7 = 0.0078 (own remark): an isotropic update of the same norm, rounded to bf16, hardly moves them either.',
    rule: 'Over the last checkpoints of all RL runs. Supported: in every run at least 99 % unchanged. Contradicted: in every run no more unchanged than the whole model. Open: otherwise. The verdict is about the shares; what rounding alone leaves stands beside them.',
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [MEASURE],
  judge: (rows) => {
    const found = rows.perRun(MEASURE, 'rl');
    if (typeof found === 'string') return notApplicable(found);
    const runs = found.flatMap((row) => normsOf(rows, row) ?? []);
    if (runs.length === 0) return notApplicable('no normalisation tensor is compared');
    const verdict = runs.every(({ unchanged }) => unchanged >= ALMOST_ALL)
      ? 'supported'
      : runs.every(({ unchanged, row }) => unchanged <= row.value)
        ? 'contradicted'
        : 'open';
    const span = (of: (run: Norms) => number): string => spanText(runs.map(of), 'share');
    const reached = runs.filter(({ unchanged }) => unchanged >= ALMOST_ALL).length;
    return {
      verdict,
      because: `${runsText(runs.length, 'rl')}: ${span((run) => run.unchanged)} of the normalisation weights unchanged, by rounding alone ${span((run) => run.rounding)}; the whole models ${span((run) => run.row.value)}. ${reached} of ${runs.length} reach 99 %.`,
      evidence: runs.map(({ row, unchanged, rounding, tensors }) => ({
        ...evidence(row, `mean over ${tensors} normalisation tensors`),
        value: unchanged,
        baseline: rounding,
      })),
    };
  },
};

function normsOf(rows: ClaimRows, row: NumberRow): Norms | null {
  const tensors = rows.tensors(MEASURE, row.variant).filter(({ module }) => NORM.test(module ?? ''));
  if (tensors.length === 0) return null;
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  return {
    row,
    tensors: tensors.length,
    unchanged: mean(tensors.map(({ value }) => value)),
    rounding: mean(tensors.flatMap((tensor) => baselineOf(tensor) ?? [])),
  };
}
