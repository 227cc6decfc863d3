import { notApplicable, type Claim } from '../Claim.ts';
import { baselineOf, evidence } from '../ClaimRows.ts';
import { SECTIONS } from '../sections.ts';
import { spanText } from '../spanText.ts';

const MEASURE = 'spectrum.nss-over-ceiling';

export const fixedSpectrum: Claim = {
  info: {
    id: 'fixed-spectrum',
    title: 'RL checkpoints keep the spectrum of the base',
    statement:
      'RLVR checkpoints lie near the family of matrices with the spectrum of the base, in sharp contrast to SFT.',
    citations: [{ arxiv: '2607.19331', where: 'README of zhuhanqing/ISO; the paper was not read' }],
    definition:
      "Not known: the README names a spectral residual relative to the displacement of the checkpoint, and its definition was not read. Shown instead is |s(W') - s(W)|_2 / |dW|_F, our reading. The published numbers are left out, since they may not be of this quantity.",
    conflict: null,
    section: SECTIONS.newer,
    published: [],
    chance:
      '1 / sqrt(max(m, n)) for an isotropic update, to first order: any update moves the spectrum little.',
    rule: 'No verdict beyond open, because the definition is our reading. The values of RL and SFT stand beside chance.',
    needs: 'weights',
    measures: [MEASURE],
  },
  perTensor: [],
  judge: (rows) => {
    const rl = rows.perRun(MEASURE, 'rl');
    if (typeof rl === 'string') return notApplicable(rl);
    const sft = rows.perRun(MEASURE, 'sft');
    const span = (all: typeof rl): string =>
      spanText(
        all.map(({ value }) => value),
        'ratio',
      );
    const chance = spanText(
      rl.flatMap((row) => baselineOf(row) ?? []),
      'ratio',
    );
    const beside = typeof sft === 'string' ? '' : `, SFT ${span(sft)}`;
    return {
      verdict: 'open',
      because: `By our reading of the definition, RL ${span(rl)}${beside}, where an isotropic update gives ${chance}.`,
      evidence: [...rl, ...(typeof sft === 'string' ? [] : sft)].map((row) => evidence(row)),
    };
  },
};
