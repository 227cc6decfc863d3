/** Papers and subjects that claims are listed under, in the order of the ledger. */
export const SECTIONS = {
  pathNotTaken: 'The Path Not Taken (2511.08567)',
  subnetworks: 'RL Finetunes Small Subnetworks (2505.11711)',
  predictability: 'On Predictability of RL Dynamics (2510.00553)',
  heals: 'RL Fine-Tuning Heals OOD Forgetting in SFT (2509.12235)',
  svf: 'Transformer-squared (2501.06252)',
  newer: 'Newer comparisons (2026)',
  behaviour: 'Behaviour of the model',
} as const;
