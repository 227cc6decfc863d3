import type { Verifier } from '../../contract/probe.ts';
import { evaluateFormula } from './evaluateFormula.ts';
import type { Judgement } from './Judgement.ts';
import { pointsFormula } from './pointsFormula.ts';

type Points = Extract<Verifier, { kind: 'points' }>;

/**
 * A formula that uses each number once and makes the target, in exact fractions: unlike the published grader, which computes in
 * doubles, it takes 8/(3-8/3) for {3, 3, 8, 8}. Verdicts, the first that applies: not-a-formula, wrong-numbers (or other-rule, when the
 * numbers are those of the other rule), division-by-zero, wrong-value, correct.
 */
export function judgePoints(verifier: Points, answer: string): Judgement {
  const { numbers, otherNumbers, target } = verifier;
  const tokens = pointsFormula(verifier, answer);
  const evaluated = tokens && evaluateFormula(tokens);
  if (!evaluated) return { correct: false, verdict: 'not-a-formula' };
  if (!sameNumbers(evaluated.numbers, numbers)) {
    const other = otherNumbers !== undefined && sameNumbers(evaluated.numbers, otherNumbers);
    return { correct: false, verdict: other ? 'other-rule' : 'wrong-numbers' };
  }
  if (evaluated.value === null) return { correct: false, verdict: 'division-by-zero' };
  const correct = evaluated.value.is(target);
  return { correct, verdict: correct ? 'correct' : 'wrong-value' };
}

/** Each as often as in the other. */
function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  const sorted = [a, b].map((numbers) => numbers.toSorted((x, y) => x - y).join());
  return sorted[0] === sorted[1];
}
