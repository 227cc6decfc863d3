import type { TaskRule } from './seededProblems.ts';

const FACES = ['A', '2', '3', '4', '5', '6', '7', '8', '9', '10', 'J', 'Q', 'K'] as const;

export const HIGHEST_CARD = FACES.length;
/** J. */
export const LOWEST_FACE_CARD = 11;

/** A card from 1 to 13 as it is written. */
export function cardFace(card: number): string {
  return FACES[card - 1] ?? String(card);
}

/** What a card counts: J, Q and K are 10 in distribution and 11, 12, 13 out of it. */
export function cardValue(card: number, rule: TaskRule): number {
  return rule === 'id' ? Math.min(card, 10) : card;
}
