/** A stripe map in words and numbers: which rows, columns and heads changed most. */
import { formatCount, formatValue } from '../contract/format.ts';

type Side = 'rows' | 'columns';

/** Changed weights along the two sides of a matrix; null where they were not computed. */
export interface ChangeCounts {
  readonly rows: readonly number[] | null;
  readonly columns: readonly number[] | null;
}

export interface CountedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly headSize: number | null;
  readonly headAxis: Side | null;
}

/** A row, a column or a head, and how much of it changed. */
export interface ChangedLine {
  readonly index: number;
  readonly changed: number;
  readonly share: number;
}

const across = (matrix: CountedMatrix, side: Side): number =>
  side === 'rows' ? matrix.columns : matrix.rows;

/** The rows or columns that changed most, the most changed first. */
export function mostChanged(
  matrix: CountedMatrix,
  counts: ChangeCounts,
  side: Side,
  most: number,
): ChangedLine[] {
  const lines = (counts[side] ?? []).map((changed, index) => ({
    index,
    changed,
    share: changed / across(matrix, side),
  }));
  return lines.toSorted((a, b) => b.changed - a.changed || a.index - b.index).slice(0, most);
}

/** Changed weights of every head, in the order of the heads; empty where there are none. */
export function changedHeads(matrix: CountedMatrix, counts: ChangeCounts): ChangedLine[] {
  const { headSize, headAxis } = matrix;
  const along = headAxis === null ? null : counts[headAxis];
  if (headSize === null || headAxis === null || !along) return [];
  return Array.from({ length: Math.ceil(along.length / headSize) }, (_, index) => {
    const part = along.slice(index * headSize, (index + 1) * headSize);
    const changed = part.reduce((sum, count) => sum + count, 0);
    return { index, changed, share: changed / (part.length * across(matrix, headAxis)) };
  });
}

function sideSentence(matrix: CountedMatrix, counts: ChangeCounts, side: Side): string[] {
  const lines = mostChanged(matrix, counts, side, Infinity);
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last) return [];
  const name = side === 'rows' ? 'row' : 'column';
  const untouched = lines.filter(({ changed }) => changed === 0).length;
  const median = lines[Math.floor((lines.length - 1) / 2)]?.share ?? 0;
  return [
    `Most changed ${name}: ${formatCount(first.index)} (${formatValue(first.share, 'share')}); median ${name} ${formatValue(median, 'share')}; ${formatCount(untouched)} of ${formatCount(lines.length)} ${side} without a change.`,
  ];
}

function headSentence(matrix: CountedMatrix, counts: ChangeCounts): string[] {
  const heads = changedHeads(matrix, counts).toSorted((a, b) => b.share - a.share);
  const [first, last] = [heads[0], heads.at(-1)];
  if (!first || !last) return [];
  const of = (line: ChangedLine): string => `${String(line.index)} (${formatValue(line.share, 'share')})`;
  return [`Most changed head: ${of(first)}; least: ${of(last)}, of ${String(heads.length)}.`];
}

/** Sentences about the change of one variant. */
export function stripeSummary(matrix: CountedMatrix, counts: ChangeCounts): string[] {
  const along = counts.rows ?? counts.columns;
  const size = `${formatCount(matrix.rows)} rows by ${formatCount(matrix.columns)} columns`;
  if (!along) return [`${size}; the profiles are not computed yet: run the study.`];
  const changed = along.reduce((sum, count) => sum + count, 0);
  const share = formatValue(changed / (matrix.rows * matrix.columns), 'share');
  return [
    `${size}; ${formatCount(changed)} weights changed in bfloat16 (${share}).`,
    ...sideSentence(matrix, counts, 'rows'),
    ...sideSentence(matrix, counts, 'columns'),
    ...headSentence(matrix, counts),
  ];
}
