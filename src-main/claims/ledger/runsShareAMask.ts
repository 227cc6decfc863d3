import type { Claim } from '../Claim.ts';
import { pairsAgainstChance, PAIRS_RULE } from '../pairsAgainstChance.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

const MEASURE = 'overlap.jaccard';

/** Module, observed Jaccard index and baseline of Table 2, block 13. */
const TABLE: readonly (readonly [string, number, number])[] = [
  ['Q', 0.58, 0.43],
  ['K', 0.58, 0.413],
  ['V', 0.597, 0.467],
  ['O', 0.552, 0.373],
  ['down', 0.585, 0.453],
  ['up', 0.578, 0.443],
  ['gate', 0.575, 0.437],
];

export const runsShareAMask: Claim = {
  info: {
    id: 'runs-share-a-mask',
    title: 'Different RL runs change the same weights',
    statement:
      'Update masks of different RL runs from one base overlap more than independent masks of the same density.',
    citations: [{ arxiv: '2511.08567', where: 'Table 2' }],
    definition:
      'Jaccard index of the masks of changed bf16 weights, per matrix, mean over pairs of runs; baseline pq / (p + q - pq) with the densities of that matrix. The paper takes five runs; the study takes the last checkpoints of all its RL runs, pair by pair.',
    conflict: 'subnetwork',
    section: SECTIONS.pathNotTaken,
    published: TABLE.map(([label, value, baseline]) =>
      printed({ label, value, baseline, unit: '', where: 'Table 2, block 13' }),
    ),
    chance:
      'Independent masks of the same densities. This null is weak: small weights have fine bf16 steps and change first in any run, which alone lifts the overlap. Pairs of an RL and an SFT run from the same weights are the control for that.',
    rule: PAIRS_RULE,
    needs: 'weights',
    measures: [MEASURE, 'update.unchanged.bf16'],
  },
  perTensor: [MEASURE, 'update.unchanged.bf16'],
  judge: (rows) => pairsAgainstChance(rows, MEASURE, (p, q) => Math.min(p, q) / Math.max(p, q)),
};
