import { notApplicable, type Claim } from '../Claim.ts';
import { baselineOf, evidence } from '../ClaimRows.ts';
import { SECTIONS } from '../sections.ts';
import { runsText, spanText } from '../spanText.ts';

const MEASURE = 'svf.explained';

export const svfComplementsRl: Claim = {
  info: {
    id: 'svf-complements-rl',
    title: 'Free RL does not do what scaling singular values does',
    statement:
      'An expectation of this project, not a published result: scaling singular values (SVF) explains next to nothing of the update of free RL, so the two move the weights in complementary ways.',
    citations: [{ arxiv: '2501.06252', where: 'definition of SVF; the expectation is own' }],
    definition:
      "SVF: W' = U diag(s z) V^T with one z per matrix. Share of the update that the best z explains: |diag(U^T dW V)|^2 / |dW|_F^2. The released code also restores the nuclear norm, which stays within the same form.",
    conflict: null,
    section: SECTIONS.svf,
    published: [],
    chance:
      '1 / max(m, n) for an isotropic update: small in any case, so a small share is no evidence by itself.',
    rule: 'Over the last checkpoints of all RL runs. Supported: every share is at most 5 %, and at most twice that of an isotropic update. Contradicted: every share is above 20 %. Open: otherwise, also where the share is small but above twice chance. The measure is computed only when it is asked for by name.',
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [],
  judge: (rows) => {
    const runs = rows.perRun(MEASURE, 'rl');
    if (typeof runs === 'string')
      return notApplicable(`${runs}; it is computed only when it is asked for by name`);
    const isNone = runs.every((row) => row.value <= 0.05 && row.value <= 2 * (baselineOf(row) ?? 0));
    const verdict = isNone ? 'supported' : runs.every(({ value }) => value > 0.2) ? 'contradicted' : 'open';
    const values = spanText(
      runs.map(({ value }) => value),
      'share',
    );
    const chance = spanText(
      runs.flatMap((row) => baselineOf(row) ?? []),
      'share',
    );
    return {
      verdict,
      because: `${runsText(runs.length, 'rl')}: scaling singular values explains ${values} of the update, where an isotropic update gives ${chance}.`,
      evidence: runs.map((row) => evidence(row)),
    };
  },
};
