import { Random } from '../../base/Random.ts';
import type { Problem } from '../../contract/probe.ts';
import { cardFace, cardValue, HIGHEST_CARD, LOWEST_FACE_CARD } from './cards.ts';
import { pointsPrompt, type PointsFormat } from './pointsPrompt.ts';
import { problemId, type TaskChoice } from './seededProblems.ts';
import { solveHand } from './solveHand.ts';

export const CARDS = 4;
export const TARGET = 24;

export interface PointsChoice extends TaskChoice {
  readonly format: PointsFormat;
  readonly grading: 'paper' | 'lenient';
}

/**
 * Problems of GeneralPoints as its environment deals them (arXiv 2501.17161): four cards uniform on 1 to 13 with replacement, out of
 * distribution the last one from J, Q, K and the hand shuffled, dealt again until the hand makes 24 under the rule in force. An answer
 * to an out-of-distribution problem that reads the cards by the rule of training can be told by its numbers.
 */
export function generalPoints(choice: PointsChoice): Problem[] {
  const { rule, count, format, grading } = choice;
  const random = new Random(choice.seed);
  const solvable = solvability();
  return Array.from({ length: count }, (_, index): Problem => {
    let cards = dealHand(random, rule);
    while (!solvable(cards.map((card) => cardValue(card, rule)))) cards = dealHand(random, rule);
    const faces = cards.filter((card) => card >= LOWEST_FACE_CARD).length;
    const otherNumbers = cards.map((card) => cardValue(card, 'id'));
    return {
      id: problemId('points', choice, index),
      prompt: pointsPrompt(cards.map(cardFace), rule, format),
      verifier: {
        kind: 'points',
        numbers: cards.map((card) => cardValue(card, rule)),
        target: TARGET,
        ...(rule === 'ood' ? { otherNumbers } : {}),
        format: format === 'compact' ? 'formula' : 'json',
        grading,
      },
      strata: { faces: String(faces) },
    };
  });
}

function dealHand(random: Random, rule: PointsChoice['rule']): number[] {
  const uniform = Array.from({ length: CARDS }, (_, place) =>
    rule === 'ood' && place === CARDS - 1
      ? random.between(LOWEST_FACE_CARD, HIGHEST_CARD)
      : random.between(1, HIGHEST_CARD),
  );
  return rule === 'ood' ? random.shuffle(uniform) : uniform;
}

/** Whether numbers make 24, remembered by hand: there are at most 1820. */
export function solvability(): (numbers: readonly number[]) => boolean {
  const known = new Map<string, boolean>();
  return (numbers) => {
    const sorted = numbers.toSorted((a, b) => a - b);
    const key = sorted.join();
    const found = known.get(key) ?? solveHand(sorted, TARGET).length > 0;
    known.set(key, found);
    return found;
  };
}
