import { notApplicable, type Claim } from '../Claim.ts';
import { baselineOf, evidence } from '../ClaimRows.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const MEASURE = 'spectrum.value-change';
const SMALL = 0.007;
const LARGE = 0.014;

export const singularValuesBarelyChange: Claim = {
  info: {
    id: 'singular-values-barely-change',
    title: 'Singular values barely change, singular vectors turn',
    statement:
      'Both SFT and RL leave the singular values of the weights nearly as they were; what changes is the direction of the singular vectors.',
    citations: [{ arxiv: '2509.12235', where: 'analysis/raw_metrics_angle.py and its figure' }],
    definition:
      "|s_i(W') - s_i(W)| / (s_i(W) + 1e-12), mean over the singular values of a matrix. There for the query, key, value and down projections, between SFT checkpoints; here the unweighted mean over all matrices, each variant against what it was trained from.",
    conflict: null,
    section: SECTIONS.heals,
    published: [
      printed({
        label: 'mean over singular values',
        value: 0.003,
        upTo: 0.004,
        unit: '',
        where: 'figure of the repository',
        reading: 'read-off-figure',
      }),
      printed({
        label: 'largest mean',
        value: 0.007,
        unit: '',
        where: 'figure of the repository',
        reading: 'read-off-figure',
      }),
      printed({
        label: 'largest, later version',
        qualifier: 'at most',
        value: 0.005,
        unit: '',
        where: 'v3, Table 7',
        reading: 'third-party',
      }),
    ],
    chance:
      'An isotropic update of the same norm changes s_i by about |dW|_F / sqrt(mn), to first order. Small changes are what any small update gives; only less than that speaks for a rotation.',
    rule: 'Over the last checkpoints of all RL and SFT runs. Supported: every mean is at most 0.007, the largest published one, and below that of an isotropic update of the same norm. Contradicted: every mean is above 0.014. Open: otherwise, also where the changes are small but no smaller than an isotropic update gives.',
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [],
  judge: (rows) => {
    const rl = rows.perRun(MEASURE, 'rl');
    if (typeof rl === 'string') return notApplicable(rl);
    const sft = rows.perRun(MEASURE, 'sft');
    const runs = [...rl, ...(typeof sft === 'string' ? [] : sft)];
    const isSmall = runs.every((row) => row.value <= SMALL && row.value < (baselineOf(row) ?? 0));
    const verdict = isSmall
      ? 'supported'
      : runs.every(({ value }) => value > LARGE)
        ? 'contradicted'
        : 'open';
    const part = (all: typeof rl, role: 'rl' | 'sft'): string =>
      `${runsText(all.length, role)}: ${spanText(
        all.map(({ value }) => value),
        'ratio',
      )}, where an isotropic update gives ${spanText(
        all.flatMap((row) => baselineOf(row) ?? []),
        'ratio',
      )}.`;
    return {
      verdict,
      because: [part(rl, 'rl'), ...(typeof sft === 'string' ? [] : [part(sft, 'sft')])].join(' '),
      evidence: runs.map((row) => evidence(row)),
    };
  },
};
