import type { Difficulty, Problem, Verifier } from '../contract/probe.ts';
import { solveHand } from './tasks/solveHand.ts';

type Points = Extract<Verifier, { kind: 'points' }>;

/**
 * What makes one probe easier than another before any model has seen it: problems that are asked more than once, an answer that is right
 * more often than others, and of GeneralPoints how many ways a hand can be solved. To be read beside a difference between ID and OOD.
 */
export function difficulty(problems: readonly Problem[]): Difficulty {
  const answers = problems.flatMap(({ verifier }) => answerText(verifier) ?? []);
  const points = problems.flatMap(({ verifier }) => (verifier.kind === 'points' ? [verifier] : []));
  return {
    problems: problems.length,
    distinctPrompts: new Set(problems.map(({ prompt }) => prompt)).size,
    commonestAnswer: answers.length === 0 ? null : mostOften(answers) / answers.length,
    hands: points.length === 0 ? null : handDifficulty(points),
  };
}

/** The right answer as text where there is one. */
function answerText(verifier: Verifier): string | null {
  switch (verifier.kind) {
    case 'exact':
      return [verifier.answer].flat()[0] ?? null;
    case 'numeric':
      return String(verifier.answer);
    case 'choice':
      return `choice ${verifier.answer}`;
    case 'regex':
    case 'points':
      return null;
  }
}

function mostOften(texts: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Math.max(...counts.values());
}

/** Hands of more numbers have too many formulas to be counted at once. */
const MOST_NUMBERS = 4;

function handDifficulty(points: readonly Points[]): NonNullable<Difficulty['hands']> {
  const hands = points.map(({ numbers, target }) => `${numbers.toSorted((a, b) => a - b).join()}=${target}`);
  const counted = countSolutions(points, hands);
  const share = (holds: (formulas: readonly string[]) => boolean): number | null =>
    counted === null ? null : counted.filter(holds).length / counted.length;
  return {
    distinct: new Set(hands).size,
    duplicates: 1 - new Set(hands).size / hands.length,
    medianSolutions: counted && median(counted.map(({ length }) => length)),
    oneSolution: share(({ length }) => length === 1),
    needsDivision: share((formulas) => formulas.every((formula) => formula.includes('/'))),
    unsolvable: share(({ length }) => length === 0),
  };
}

/** Formulas of every problem; null where a hand is too large. */
function countSolutions(points: readonly Points[], hands: readonly string[]): string[][] | null {
  if (points.some(({ numbers, target }) => numbers.length > MOST_NUMBERS || target < 0)) return null;
  const known = new Map<string, string[]>();
  return points.map(({ numbers, target }, index) => {
    const hand = hands[index] ?? '';
    const formulas = known.get(hand) ?? solveHand(numbers, target);
    known.set(hand, formulas);
    return formulas;
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
