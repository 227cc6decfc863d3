import type { Directions } from '../contract/recipe.ts';
import type { Triplets } from '../kernels/DenseMatrix.ts';

/** So many of the d singular directions of a matrix. */
export function directionCount(directions: Directions, d: number): number {
  if (typeof directions === 'number') return Math.min(directions, d);
  return Math.round((Number(directions.replace('%', '')) / 100) * d);
}

export interface ChosenDirections {
  readonly top?: Directions | undefined;
  readonly bottom?: Directions | undefined;
  readonly band?: readonly [number, number] | undefined;
}

/** The chosen triplets of d as ranges in order that neither touch nor are empty. */
export function directionRanges({ top = 0, bottom = 0, band }: ChosenDirections, d: number): Triplets[] {
  const wanted: Triplets[] = [
    { from: 0, to: directionCount(top, d) },
    { from: d - directionCount(bottom, d), to: d },
    ...(band ? [{ from: band[0] - 1, to: Math.min(band[1], d) }] : []),
  ];
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of wanted.toSorted((a, b) => a.from - b.from)) {
    const last = ranges.at(-1);
    if (to <= from) continue;
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return ranges;
}

export const rangeCount = (ranges: readonly Triplets[]): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/** The triplets that are in none of some ranges in order. */
export function otherRanges(ranges: readonly Triplets[], d: number): Triplets[] {
  const edges = [0, ...ranges.flatMap(({ from, to }) => [from, to]), d];
  return Array.from({ length: edges.length / 2 }, (_, i) => ({
    from: edges[2 * i] ?? 0,
    to: edges[2 * i + 1] ?? d,
  })).filter(({ from, to }) => to > from);
}
