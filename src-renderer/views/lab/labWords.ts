import type { GateAnswer, SweepProgress, TrialResult } from '../../../src-main/contract/sweep.ts';

export const SWEEP_STATES: Readonly<Record<SweepProgress['state'], string>> = {
  idle: 'Not run yet',
  running: 'Running',
  cancelling: 'Cancelling',
  done: 'Done',
  cancelled: 'Cancelled',
  failed: 'Failed',
  interrupted: 'Interrupted',
  elsewhere: 'Runs elsewhere',
};

export const TRIAL_STATES: Readonly<Record<TrialResult['state'], string>> = {
  waiting: 'waits',
  making: 'made',
  answering: 'asked',
  done: 'done',
  failed: 'failed',
  dropped: 'dropped',
};

export const GATE_VERDICTS: Readonly<Record<GateAnswer['verdict'], string>> = {
  'reconsider-rl': 'Reconsider RL',
  'below-threshold': 'Repairs bring back too little',
  'not-certain': 'Not certain',
  'no-repair-beats-control': 'No repair beats its control',
  'nothing-lost': 'Nothing was lost',
  open: 'Open',
};

/** What the controls of a family answer. */
export const CONTROL_PURPOSES: Readonly<Record<string, string>> = {
  'random-layers': 'As many layers, drawn at random: is it these layers, or any as many?',
  'random-step':
    'A random step, equally long in every tensor: is it the direction, or any change of this size?',
  'matched-roll-back':
    'A step as long, straight to the donor: is it the directions, or only being nearer to the donor?',
  'full-roll-back': 'Everything from the donor: the most that can come back, and what it costs.',
  embeddings: 'Embeddings and head alone: how much of a recovery is theirs?',
};

const EXPLAINED: readonly (readonly [RegExp, string])[] = [
  [
    /together with the layers|embed/i,
    'The published layer experiments took embeddings and head from the donor in every condition, so that their recovery is counted for any layers. The control “embeddings and head alone” tells the two apart.',
  ],
  [
    /ha(s|ve) only/i,
    'A matrix with no more directions than k is replaced as a whole. For key and value projections this happens at a k that leaves most of the others as they were, so that a sweep over k is not a sweep over their directions.',
  ],
  [
    /full roll-back|rolled back/i,
    'The result is the donor’s weights there, singular values included: what comes back is a roll-back, and says nothing of directions. Compare it with as many layers at random.',
  ],
  [
    /restored in full/i,
    'Every direction is taken at this k: it is no longer a question of which ones. Compare it with the full roll-back.',
  ],
  [
    /orthogonal/i,
    'This is how the published code mixes triplets of two decompositions. The variant “orthonormal” replaces each mixed basis by its polar factor, so that the spectrum is what it claims.',
  ],
];

/** With a capital letter in front. */
export const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** Why a confound matters, in short; empty for one that says it itself. */
export function whyConfound(confound: string): string {
  return EXPLAINED.find(([pattern]) => pattern.test(confound))?.[1] ?? '';
}
