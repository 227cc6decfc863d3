import type { Row } from '../contract/rows.ts';

/** The common scale of the small marks of one overview line. */
export interface StripScale {
  readonly min: number;
  readonly max: number;
  readonly log: boolean;
}

/** From this ratio of largest to smallest on, small values would all lie at the left end. */
const LOG_RATIO = 200;

function numbersOf(rows: readonly Row[]): number[] {
  return rows
    .flatMap(({ value, baseline, spread }) => [value, baseline, spread?.q1, spread?.q3])
    .filter((value): value is number => typeof value === 'number');
}

/** A scale that holds values, baselines, quartiles and published ends of a line: 0 to 1 for shares, from 0 where that says enough, else logarithmic. */
export function stripScale(
  rows: readonly Row[],
  unit: string,
  published: readonly number[] = [],
): StripScale | null {
  const values = [...numbersOf(rows), ...published];
  if (!rows.some(({ value }) => typeof value === 'number') || values.length === 0) return null;
  const max = Math.max(...values);
  const min = Math.min(...values);
  if (unit === 'share' && min >= 0 && max <= 1) {
    const positive = values.filter((value) => value > 0);
    const wide = positive.length === values.length && max / min >= LOG_RATIO && max < 0.5;
    return wide ? { min, max, log: true } : { min: 0, max: 1, log: false };
  }
  if (min > 0 && max / min >= LOG_RATIO) return { min, max, log: true };
  return { min: Math.min(0, min), max: Math.max(0, max), log: false };
}

/** Place of a value on a strip, 0 to 1. */
export function stripPosition({ min, max, log }: StripScale, value: number): number {
  if (max <= min) return 0;
  const position = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, position));
}
