import { Random } from '../../base/Random.ts';
import type { Problem } from '../../contract/probe.ts';
import { eliminate, matrixProblem, type IntegerMatrix } from './matrixProblem.ts';
import { problemId, type TaskChoice } from './seededProblems.ts';

const SHAPES = { id: { size: 2, most: 4 }, ood: { size: 3, most: 5 } } as const;

/**
 * Determinants as the environment of arXiv 2509.12235 draws them: 2 x 2 with entries from -4 to 4, out of distribution 3 x 3 from -5 to 5;
 * every second one made symmetric by (M + M^T) / 2, rounded half to even; drawn again while the determinant is 0.
 */
export function determinant(choice: TaskChoice): Problem[] {
  const random = new Random(choice.seed);
  const { size, most } = SHAPES[choice.rule];
  return Array.from({ length: choice.count }, (_, index) => {
    const symmetric = random.below(2) === 1;
    let matrix = drawMatrix(random, size, most, symmetric);
    while (eliminate(matrix).determinant === 0) matrix = drawMatrix(random, size, most, symmetric);
    return matrixProblem(
      problemId('determinant', choice, index),
      'Calculate the determinant of the matrix:',
      matrix,
      {
        answer: eliminate(matrix).determinant,
        strata: { symmetric: symmetric ? 'yes' : 'no' },
      },
    );
  });
}

function drawMatrix(random: Random, size: number, most: number, symmetric: boolean): IntegerMatrix {
  const drawn = Array.from({ length: size }, () =>
    Array.from({ length: size }, () => random.between(-most, most)),
  );
  if (!symmetric) return drawn;
  return drawn.map((row, i) => row.map((entry, j) => halfToEven(entry + (drawn[j]?.[i] ?? 0))));
}

/** Half of a whole number, rounded half to even, as NumPy rounds. */
function halfToEven(sum: number): number {
  const below = Math.floor(sum / 2);
  return sum % 2 === 0 ? sum / 2 : below + Math.abs(below % 2);
}
