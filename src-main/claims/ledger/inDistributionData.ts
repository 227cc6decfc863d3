import { listed } from '../listed.ts';
import { printed } from '../printed.ts';
import { SECTIONS } from '../sections.ts';

export const inDistributionData = listed(
  {
    id: 'in-distribution-data',
    title: 'Sparsity comes from training on in-distribution data',
    statement:
      'Methods that train on data of the policy itself update sparsely, whether RL or not; the KL term is not the cause.',
    citations: [{ arxiv: '2505.11711', where: 'Table 5' }],
    definition: 'Unchanged share at tolerance 1e-5 by method and data.',
    conflict: null,
    section: SECTIONS.subnetworks,
    published: [
      printed({ label: 'rejection fine-tuning (RFT)', value: 91.2, unit: '%', where: 'Table 5' }),
      printed({ label: 'RAFT++', value: 69.4, unit: '%', where: 'Table 5' }),
      printed({ label: 'SFT', value: 6.8, unit: '%', where: 'Table 5' }),
      printed({ label: 'DPO, out of distribution', value: 6.8, upTo: 7.7, unit: '%', where: 'Table 5' }),
      printed({ label: 'DPO, in distribution', value: 81.4, unit: '%', where: 'Table 5' }),
      printed({ label: 'GRPO with KL term', value: 69.8, unit: '%', where: 'Qwen2.5-7B-Instruct' }),
      printed({ label: 'GRPO without KL term', value: 68.8, unit: '%', where: 'Qwen2.5-7B-Instruct' }),
    ],
    chance: 'Updates of the same size: the table does not hold the norm of the update fixed.',
    needs: 'training',
  },
  'Needs runs that differ only in where their data come from; a study knows roles, not data.',
);
