import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const subnetworkSuffices = listed(
  {
    id: 'subnetwork-suffices',
    title: 'Training the final subnetwork alone gives the same model',
    statement:
      'Freezing all weights outside the final mask and training again reaches the same weights and accuracy.',
    citations: [{ arxiv: '2505.11711', where: 'subnetwork training' }],
    definition: 'Share of weights equal to the full run within 1e-5, and accuracy.',
    conflict: null,
    section: SECTIONS.subnetworks,
    published: [
      printed({ label: 'equal weights, DPO', value: 94, unit: '%', where: 'tolerance 1e-5' }),
      printed({ label: 'equal weights, PRIME', value: 90.5, unit: '%', where: 'tolerance 1e-5' }),
    ],
    chance: 'A mask of the same density chosen otherwise.',
    needs: 'training',
  },
  'Needs a run restricted to the final mask of another.',
);
