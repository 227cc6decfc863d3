import type { Claim } from '../Claim.ts';
import { pairsAgainstChance, PAIRS_RULE } from '../pairsAgainstChance.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'overlap.one-sided';

/** Factor varied, o1 and o2 each with its random baseline. */
const TABLE: readonly (readonly [string, number, number])[] = [
  ['seed, o1', 60.5, 36.7],
  ['seed, o2', 60.6, 36.7],
  ['data, o1', 26.7, 14.6],
  ['data, o2', 67.1, 36.7],
  ['seed, data and algorithm, o1', 59.1, 23],
  ['seed, data and algorithm, o2', 33.2, 12.9],
];

export const subnetworksOverlap: Claim = {
  info: {
    id: 'subnetworks-overlap',
    title: 'The subnetwork of one RL run is found again in another',
    statement:
      'The coordinates that one run updates are updated by a run with another seed, other data or another algorithm more often than chance.',
    citations: [{ arxiv: '2505.11711', where: 'section on subnetwork overlap' }],
    definition:
      'o1 = |I1 and I2| / |I1| with the sets of updated coordinates; random baseline 1 - s2, the density of the other run. There a coordinate counts as updated beyond a tolerance of 1e-5; the study counts bitwise changes of bf16.',
    conflict: 'subnetwork',
    section: SECTIONS.subnetworks,
    published: TABLE.map(([label, value, baseline]) =>
      printed({ label, value, baseline, unit: '%', where: 'overlap table' }),
    ),
    chance:
      'Density of the other run. This null is weak: small weights change first in any run. Pairs of an RL and an SFT run from the same weights are the control for that.',
    rule: PAIRS_RULE,
    needs: 'weights',
    measures: [MEASURE, 'update.unchanged.bf16'],
  },
  perTensor: [MEASURE, 'update.unchanged.bf16'],
  judge: (rows) => pairsAgainstChance(rows, MEASURE, (p, q) => Math.min(1, q / p)),
};
