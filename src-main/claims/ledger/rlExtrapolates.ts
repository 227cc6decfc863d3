import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const rlExtrapolates = listed(
  {
    id: 'rl-extrapolates',
    title: 'The rest of an RL run follows a straight line of rank 1',
    statement:
      'Update matrices move along one direction, nearly linearly in time, so weights of later steps can be predicted from the first part of the run.',
    citations: [
      { arxiv: '2510.00553', where: 'AlphaRL' },
      { arxiv: '2605.21468', where: 'RELEX' },
      { arxiv: '2601.04537', where: 'RLVR-Linearity' },
    ],
    definition:
      'AlphaRL: rank-1 vectors regressed on accuracy, extrapolated. RELEX: rank-1 factor of the flattened updates of all checkpoints, its coefficient regressed on the step.',
    conflict: 'linear-extrapolation',
    section: SECTIONS.predictability,
    published: [
      printed({
        label: 'DAPO, full run',
        value: 53.38,
        unit: '',
        where: 'Qwen3-8B-Base, mean of 6 benchmarks',
      }),
      printed({
        label: 'DAPO, 40 % of the steps',
        value: 46.3,
        unit: '',
        where: 'Qwen3-8B-Base, mean of 6 benchmarks',
      }),
      printed({
        label: 'DAPO, 40 % and AlphaRL',
        value: 53.31,
        unit: '',
        where: 'Qwen3-8B-Base, mean of 6 benchmarks',
      }),
      printed({
        label: 'share of training needed',
        qualifier: 'at most',
        value: 15,
        unit: '%',
        where: 'RELEX',
      }),
    ],
    chance:
      'A pure Gaussian random walk has a rank-1 explained variance of 81 % (8 / pi^2, uncentred) and a coefficient that is linear in time with R^2 = 0.95 to 0.96 (own derivation): only more than that is a straight path.',
    needs: 'trajectory',
  },
  'Needs many checkpoints of one run, and the model run on the extrapolated weights.',
);
