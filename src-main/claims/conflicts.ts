import type { ConflictInfo } from '../contract/claim.ts';

/** Published claims that contradict each other: shown as open questions, their sides together. */
export const CONFLICTS: readonly ConflictInfo[] = [
  {
    id: 'principal-directions',
    question: 'Does RL avoid the principal directions of the weights, or lean toward them?',
    sides:
      'Counted over changed positions, RL updates fall a little less on principal weights than chance; weighed by their energy, they lie several times more in the top singular subspace than chance. Both can hold at once: few of the positions, much of the energy. Large weights have coarse bf16 steps, so that rounding alone moves the count.',
  },
  {
    id: 'subnetwork',
    question: 'Is there one subnetwork that RL updates?',
    sides:
      'Masks of different runs overlap more than independent ones; yet random masks of 1 % are reported to train as well.',
  },
  {
    id: 'sparsity-cause',
    question: 'Why do RL updates look sparse?',
    sides:
      'Because of RL itself, because bf16 swallows small steps at small learning rates, or because of the optimiser.',
  },
  {
    id: 'rank',
    question: 'Is the update of RL of full rank, or is one direction enough?',
    sides:
      'Numerical rank counts every direction above rounding; the other side asks how much one direction carries. They measure different things.',
  },
  {
    id: 'linear-extrapolation',
    question: 'Can the rest of an RL run be extrapolated along a straight line?',
    sides: 'Reported to work on mathematics and to fail on other tasks; a random walk looks straight too.',
  },
  {
    id: 'rotating-back',
    question: 'Does RL restore what SFT forgot by turning singular vectors back?',
    sides:
      'Reported from restoration experiments, whose control also rolled back whole layers and the embeddings.',
  },
  {
    id: 'pissa',
    question: 'Does starting an adapter in the principal directions (PiSSA) help RL?',
    sides:
      'One reading of the LoRA results says that it should; an experiment reports that it collapses earlier.',
  },
];
