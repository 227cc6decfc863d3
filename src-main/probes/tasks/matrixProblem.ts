import type { Problem } from '../../contract/probe.ts';

export type IntegerMatrix = readonly (readonly number[])[];

/** "[[1, 2],\n [3, 4]]": as the environments of arXiv 2509.12235 write a matrix. */
function matrixText(matrix: IntegerMatrix): string {
  return `[${matrix.map((row) => `[${row.join(', ')}]`).join(',\n ')}]`;
}

/** A question about a matrix whose answer is a whole number, the last one of the reply. */
export function matrixProblem(
  id: string,
  question: string,
  matrix: IntegerMatrix,
  { answer, strata }: { readonly answer: number; readonly strata: Problem['strata'] },
): Problem {
  return {
    id,
    prompt: `${question}\n${matrixText(matrix)}\nReply with {"answer": integer} and nothing else.\n`,
    verifier: { kind: 'numeric', answer, absolute: 0, relative: 0 },
    strata,
  };
}

/**
 * Determinant and rank by elimination without fractions (Bareiss 1968): every intermediate value is a determinant of a part of the
 * matrix, so that it is a whole number, and exact. The determinant is that of a square matrix.
 */
export function eliminate(matrix: IntegerMatrix): { readonly rank: number; readonly determinant: number } {
  const rows = matrix.map((row) => row.map(BigInt));
  const columns = rows[0]?.length ?? 0;
  let [rank, sign, previous] = [0, 1n, 1n];
  for (let column = 0; column < columns && rank < rows.length; column++) {
    const found = rows.findIndex((row, at) => at >= rank && row[column] !== 0n);
    if (found < 0) continue;
    if (found !== rank) sign = -sign;
    [rows[found], rows[rank]] = [rows[rank] as bigint[], rows[found] as bigint[]];
    const pivot = rows[rank] as bigint[];
    for (const row of rows.slice(rank + 1)) reduceRow(row, pivot, column, previous);
    previous = pivot[column] as bigint;
    rank++;
  }
  return { rank, determinant: rank === rows.length && rank === columns ? Number(sign * previous) : 0 };
}

function reduceRow(row: bigint[], pivot: readonly bigint[], column: number, previous: bigint): void {
  const [factor, head] = [row[column] as bigint, pivot[column] as bigint];
  for (let j = column; j < row.length; j++) {
    row[j] = ((row[j] as bigint) * head - factor * (pivot[j] as bigint)) / previous;
  }
}
