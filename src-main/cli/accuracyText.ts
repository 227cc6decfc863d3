import { formatPlain } from '../contract/format.ts';
import type { Accuracy } from '../contract/probe.ts';

const percent = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string => `${share > 0 ? '+' : ''}${percent(share)}`;

/** "42.3 % [38.4, 46.3]" */
export function accuracyText({ value, interval }: Pick<Accuracy, 'value' | 'interval'>): string {
  return `${percent(value)} % [${interval.map(percent).join(', ')}]`;
}

/** "+11.8 [+8.2, +15.5]", in points of accuracy. */
export function differenceText(difference: number, interval: readonly number[]): string {
  return `${signed(difference)} [${interval.map(signed).join(', ')}]`;
}

/** "0.0013", "3.5e-10". */
export function pText(p: number): string {
  if (p === 0) return '< 1e-300';
  return p < 1e-3 ? p.toExponential(1) : p < 0.0995 ? p.toFixed(4) : p.toFixed(2);
}

/** "5.3": points of accuracy. */
export function pointsText(share: number): string {
  return percent(share);
}

/** A value that is no share, with its interval. */
export function meanText(mean: number, interval: readonly number[]): string {
  return `${formatPlain(mean)} [${interval.map(formatPlain).join(', ')}]`;
}
