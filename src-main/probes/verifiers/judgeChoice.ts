import type { Verifier } from '../../contract/probe.ts';
import type { Judgement } from './Judgement.ts';

type Choice = Extract<Verifier, { kind: 'choice' }>;

/** The text is the right choice, word for word: the answer to such a problem is the choice that scored highest, see `chooseByScore`. */
export function judgeChoice({ choices, answer }: Choice, text: string): Judgement {
  const correct = choices[answer] === text;
  return { correct, verdict: correct ? 'correct' : 'wrong-choice' };
}

/**
 * The choice with the highest log-probability, the first of equal ones; `normalised` divides by its UTF-8 bytes, so that long choices are
 * not at a disadvantage.
 */
export function chooseByScore({ choices, normalised }: Choice, scores: readonly number[]): string {
  const weighed = choices.map((choice, i) => {
    const score = scores[i] ?? Number.NEGATIVE_INFINITY;
    return normalised ? score / new TextEncoder().encode(choice).length : score;
  });
  const best = weighed.reduce((top, score, i) => (score > (weighed[top] as number) ? i : top), 0);
  return choices[best] as string;
}
