import { describe, expect, it } from 'vitest';
import { Problem } from '../../src-main/contract/probe.ts';
import { difficulty } from '../../src-main/probes/difficulty.ts';
import { judge } from '../../src-main/probes/judge.ts';
import { cardValue } from '../../src-main/probes/tasks/cards.ts';
import { determinant } from '../../src-main/probes/tasks/determinant.ts';
import { generalPoints, solvability } from '../../src-main/probes/tasks/generalPoints.ts';
import { eliminate } from '../../src-main/probes/tasks/matrixProblem.ts';
import { rank } from '../../src-main/probes/tasks/rank.ts';
import { solveHand } from '../../src-main/probes/tasks/solveHand.ts';
import { pointsFeedback } from '../../src-main/probes/verifiers/pointsFeedback.ts';
import { writtenSolutions } from '../../src-main/probes/verifiers/writtenSolutions.ts';

/** Every multiset of four cards, and in how many orders it can be dealt. */
function everyHand(): { cards: number[]; orders: number }[] {
  const hands: { cards: number[]; orders: number }[] = [];
  for (let a = 1; a <= 13; a++)
    for (let b = a; b <= 13; b++)
      for (let c = b; c <= 13; c++)
        for (let d = c; d <= 13; d++) hands.push({ cards: [a, b, c, d], orders: ordersOf([a, b, c, d]) });
  return hands;
}

function ordersOf(cards: readonly number[]): number {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const repeats = [...new Set(cards)].map((card) => factorial(cards.filter((one) => one === card).length));
  return repeats.reduce((left, times) => left / times, 24);
}

/** Whether doubles make 24 in any order of computing. */
function floatSolvable(values: readonly number[]): boolean {
  if (values.length === 1) return values[0] === 24;
  return values.some((a, i) =>
    values.some((b, j) => {
      if (i === j) return false;
      const rest = values.filter((_, k) => k !== i && k !== j);
      return [a + b, a - b, a * b, a / b].some((value) => floatSolvable([...rest, value]));
    }),
  );
}

describe('the 1820 multisets of four cards', () => {
  const hands = everyHand();

  it.each([
    ['id', 1236, 73.1],
    ['ood', 1362, 79.2],
  ] as const)('by the rule %s: %i can be solved, %f %% of ordered draws', (rule, count, percent) => {
    const solvable = solvability();
    const solved = hands.filter(({ cards }) => solvable(cards.map((card) => cardValue(card, rule))));
    expect([hands.length, solved.length]).toEqual([1820, count]);
    const draws = solved.reduce((sum, { orders }) => sum + orders, 0);
    expect(((100 * draws) / 13 ** 4).toFixed(1)).toBe(percent.toFixed(1));
  });

  it('{3, 3, 8, 8} alone needs exact arithmetic', () => {
    const solvable = solvability();
    const exactOnly = hands.filter(({ cards }) => solvable(cards) && !floatSolvable(cards));
    expect(exactOnly.map(({ cards }) => cards)).toEqual([[3, 3, 8, 8]]);
    expect(solveHand([3, 3, 8, 8], 24)).toEqual(['8/(3-8/3)']);
  });
});

describe('solutions', () => {
  it('are counted once, whatever their order and brackets', () => {
    expect(solveHand([6, 6, 6, 6], 24).sort()).toEqual(['6*6-6-6', '6+6+6+6']);
    expect(solveHand([1, 2, 3, 4], 24).sort()).toEqual(['(1+2+3)*4', '(1+3)*(2+4)', '1*2*3*4', '2*3*4/1']);
    expect(solveHand([1, 1, 1, 1], 24)).toEqual([]);
    expect(solveHand([24], 24)).toEqual(['24']);
  });

  it('as the environment writes them are right, and exist for the same hands', () => {
    for (const numbers of [
      [3, 3, 8, 8],
      [1, 5, 5, 5],
      [6, 6, 6, 6],
      [1, 1, 1, 1],
      [2, 7, 11, 13],
    ]) {
      const written = writtenSolutions(numbers, 24);
      expect([numbers, written.length > 0]).toEqual([numbers, solveHand(numbers, 24).length > 0]);
      for (const text of written) {
        const problem = Problem.parse({
          id: 'a',
          prompt: '',
          verifier: { kind: 'points', numbers, target: 24, grading: 'paper' },
        });
        expect([text, judge(problem, { text, tokens: 1, ended: 'end' }).verdict]).toEqual([text, 'correct']);
      }
    }
    expect(writtenSolutions([6, 6, 6, 6], 24)).toContain('6+6+(6+6)');
  });
});

describe('what the environment says of a wrong answer', () => {
  const verifier: Parameters<typeof pointsFeedback>[0] = {
    kind: 'points',
    numbers: [6, 4, 1, 6],
    target: 24,
    format: 'json',
    grading: 'paper',
  };
  it.each([
    ['6 + 4', 'illegal characters.'],
    ['10+4+6+4', "you used invalid numbers: [10], you didn't use numbers: [6, 1]."],
    ['6*4*1*6*6', 'you used numbers: [6] too many times.'],
    ['6*4', "you didn't use numbers: [6, 1]."],
    ['', "you didn't use numbers: [6, 4, 1]."],
    ['6*4+(6*1)', '6* is partially correct but the full formula does not match any solution.'],
    ['1+6*6-4', 'your formula does not match any solution.'],
    ['6*4*1+)6', "invalid sequence after ')', invalid sequence after number."],
    ['6*4*1*6)', 'unmatched closing parenthesis.'],
    ['6*4*1*6+', '6* is partially correct but the full formula does not match any solution.'],
  ])('%j: %s', (formula, said) => {
    expect(pointsFeedback(verifier, `{"formula": "${formula}=24"}`)).toBe(said);
  });

  it('is the same of an answer without a formula', () => {
    expect(pointsFeedback(verifier, 'I give up')).toBe('illegal characters.');
  });
});

describe('generalPoints', () => {
  const choice = { rule: 'ood', count: 200, seed: 42, format: 'json', grading: 'paper' } as const;
  const ood = generalPoints(choice);
  const id = generalPoints({ ...choice, rule: 'id' });

  it('follows from its seed and is a valid probe', () => {
    expect(generalPoints(choice)).toEqual(ood);
    expect(generalPoints({ ...choice, seed: 43 })).not.toEqual(ood);
    for (const problem of [...id, ...ood]) expect(Problem.parse(problem)).toEqual(problem);
    expect(new Set([...id, ...ood].map((problem) => problem.id)).size).toBe(400);
  });

  it('deals hands that can be solved; out of distribution with a face card at any place', () => {
    const solvable = solvability();
    const places = new Set<number>();
    for (const { verifier, strata } of ood) {
      if (verifier.kind !== 'points') throw new Error('another verifier');
      expect(solvable(verifier.numbers)).toBe(true);
      expect(Number(strata['faces'])).toBeGreaterThan(0);
      expect(verifier.otherNumbers).toEqual(verifier.numbers.map((number) => Math.min(number, 10)));
      places.add(verifier.numbers.findIndex((number) => number > 10));
    }
    expect([...places].sort()).toEqual([0, 1, 2, 3]);
    // In distribution every card is as likely: about 62 % of solvable hands have a face card.
    const faceless = id.filter(({ strata }) => strata['faces'] === '0').length;
    expect(faceless).toBeGreaterThan(30);
    expect(
      Math.max(...id.flatMap(({ verifier }) => (verifier.kind === 'points' ? verifier.numbers : []))),
    ).toBe(10);
  });

  it('asks as the environment does', () => {
    const [first] = generalPoints({ ...choice, count: 1 });
    expect(first!.prompt).toMatch(
      /^\n\[Task Description\]\nYou are an expert 24 points card game player\. You will receive a set of 4 cards\.\nNote that 'J', 'Q', and 'K' count as '11', '12', and '13' respectively, and each card/,
    );
    expect(first!.prompt).toMatch(
      /\n\[Input\]\nCards: \['[AJQK\d]+'(, '[AJQK\d]+'){3}\]\n\n\[Output\]\n\{\n {2}"cards"/,
    );
    expect(first!.prompt).toMatch(/"formula": 'an equation that equals 24',\n\}\n\n$/);
    expect(id[0]!.prompt).toContain("'J', 'Q', and 'K' count as '10', and each card must be used once.");
  });

  it('has a compact prompt', () => {
    const [first] = generalPoints({ ...choice, count: 1, format: 'compact', grading: 'lenient' });
    expect(first!.prompt).toMatch(/^[AJQK\d]+( [AJQK\d]+){3};JQK=11,12,13;24=$/);
    expect(first!.verifier).toMatchObject({ kind: 'points', format: 'formula', grading: 'lenient' });
  });

  it('repeats hands more often in distribution, where four cards count 10', () => {
    const many = { ...choice, count: 600 };
    const [inside, outside] = [
      difficulty(generalPoints({ ...many, rule: 'id' })),
      difficulty(generalPoints(many)),
    ];
    expect(inside.hands!.duplicates).toBeGreaterThan(outside.hands!.duplicates);
    expect(inside.hands!.unsolvable).toBe(0);
    expect(outside.hands!.medianSolutions).toBeGreaterThan(0);
    expect(inside.commonestAnswer).toBeNull();
  });
});

/** By expansion along the first row. */
function expand(matrix: readonly (readonly number[])[]): number {
  if (matrix.length === 0) return 1;
  const [first = [], ...rest] = matrix;
  return first.reduce(
    (sum, entry, j) => sum + (j % 2 === 0 ? 1 : -1) * entry * expand(rest.map((row) => row.toSpliced(j, 1))),
    0,
  );
}

const matrixOf = (prompt: string): number[][] => JSON.parse(/\[\[[^]*\]\]/.exec(prompt)![0]) as number[][];
const answerOf = ({ verifier }: Problem): number =>
  verifier.kind === 'numeric' ? verifier.answer : Number.NaN;

describe('matrix tasks', () => {
  it.each([
    ['id', 2, 4],
    ['ood', 3, 5],
  ] as const)('determinants by the rule %s are of %i x %i', (rule, size, most) => {
    const problems = determinant({ rule, count: 100, seed: 1 });
    for (const problem of problems) {
      const matrix = matrixOf(problem.prompt);
      expect([matrix.length, matrix[0]!.length]).toEqual([size, size]);
      expect(Math.max(...matrix.flat().map(Math.abs))).toBeLessThanOrEqual(most);
      expect(answerOf(problem)).toBe(expand(matrix));
      expect(answerOf(problem)).not.toBe(0);
      const transposed = matrix.map((_, j) => matrix.map((row) => row[j]!));
      if (problem.strata['symmetric'] === 'yes') expect(matrix).toEqual(transposed);
      expect(Problem.parse(problem)).toEqual(problem);
      expect(
        judge(problem, { text: `{"answer": ${answerOf(problem)}}`, tokens: 1, ended: 'end' }).correct,
      ).toBe(true);
    }
    expect(problems.filter(({ strata }) => strata['symmetric'] === 'yes').length).toBeGreaterThan(30);
    expect(determinant({ rule, count: 100, seed: 1 })).toEqual(problems);
  });

  it.each([
    ['id', 4, 5],
    ['ood', 5, 4],
  ] as const)('ranks by the rule %s are of %i x %i, from 0 to 4', (rule, rows, columns) => {
    const problems = rank({ rule, count: 100, seed: 1 });
    for (const problem of problems) {
      const matrix = matrixOf(problem.prompt);
      expect([matrix.length, matrix[0]!.length]).toEqual([rows, columns]);
      expect(answerOf(problem)).toBe(rankByMinors(matrix));
    }
    expect(new Set(problems.map(answerOf))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(difficulty(problems).commonestAnswer).toBeLessThan(0.4);
  });

  it('eliminates with zeros on the diagonal and dependent columns', () => {
    expect(
      eliminate([
        [0, 2],
        [3, 4],
      ]),
    ).toEqual({ rank: 2, determinant: -6 });
    expect(
      eliminate([
        [0, 0, 1],
        [0, 0, 2],
        [0, 5, 3],
      ]),
    ).toEqual({ rank: 2, determinant: 0 });
    expect(
      eliminate([
        [1, 2, 3],
        [2, 4, 6],
      ]),
    ).toEqual({ rank: 1, determinant: 0 });
  });
});

/** The size of the largest part of the matrix with a determinant other than 0. */
function rankByMinors(matrix: readonly (readonly number[])[]): number {
  const choose = (from: readonly number[], count: number): number[][] =>
    count === 0
      ? [[]]
      : from.flatMap((first, i) => choose(from.slice(i + 1), count - 1).map((rest) => [first, ...rest]));
  const rows = matrix.map((_, i) => i);
  const columns = matrix[0]!.map((_, j) => j);
  for (let size = Math.min(rows.length, columns.length); size > 0; size--) {
    for (const some of choose(rows, size))
      for (const others of choose(columns, size))
        if (expand(some.map((i) => others.map((j) => matrix[i]![j]!))) !== 0) return size;
  }
  return 0;
}
