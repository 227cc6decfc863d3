import { Random } from '../../base/Random.ts';
import type { Problem } from '../../contract/probe.ts';
import { eliminate, matrixProblem, type IntegerMatrix } from './matrixProblem.ts';
import { problemId, type TaskChoice } from './seededProblems.ts';

const SHAPES = { id: { rows: 4, columns: 5, most: 4 }, ood: { rows: 5, columns: 4, most: 5 } } as const;
const HIGHEST_RANK = 4;

/**
 * Ranks as the environment of arXiv 2509.12235 draws them: 4 x 5, out of distribution 5 x 4; the rank uniform on 0 to 4; the matrix a
 * product of two factors of that rank with entries from -4 to 4, out of distribution from -5 to 5.
 */
export function rank(choice: TaskChoice): Problem[] {
  const random = new Random(choice.seed);
  const { rows, columns, most } = SHAPES[choice.rule];
  return Array.from({ length: choice.count }, (_, index) => {
    const wanted = random.between(0, HIGHEST_RANK);
    const draw = (height: number, width: number): IntegerMatrix =>
      Array.from({ length: height }, () => Array.from({ length: width }, () => random.between(-most, most)));
    let matrix = product(draw(rows, wanted), draw(wanted, columns), columns);
    // Factors of full rank have a product of that rank, and only they.
    while (eliminate(matrix).rank !== wanted)
      matrix = product(draw(rows, wanted), draw(wanted, columns), columns);
    return matrixProblem(problemId('rank', choice, index), 'Find the rank of the matrix.', matrix, {
      answer: wanted,
      strata: { rank: String(wanted) },
    });
  });
}

function product(left: IntegerMatrix, right: IntegerMatrix, columns: number): IntegerMatrix {
  return left.map((row) =>
    Array.from({ length: columns }, (_, j) =>
      row.reduce((sum, entry, k) => sum + entry * (right[k]?.[j] ?? 0), 0),
    ),
  );
}
