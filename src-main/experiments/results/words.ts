import type { Accuracy, Paired, Recovery } from '../../contract/probe.ts';

const tenths = (share: number): string => {
  const percent = 100 * share;
  if (percent === Infinity) return 'any';
  return percent === -Infinity ? 'minus any' : percent.toFixed(1);
};

/** "3.8 % (23 of 600, 95 % interval 2.6 to 5.7 %)" */
export const accuracyWords = ({ correct, n, value, interval: [low, high] }: Accuracy): string =>
  `${tenths(value)} % (${String(correct)} of ${String(n)}, 95 % interval ${tenths(low)} to ${tenths(high)} %)`;

/** "13.2 points, 95 % interval 10.1 to 16.3" */
export const pointsWords = ({ difference, interval: [low, high] }: Paired): string =>
  `${tenths(difference)} points, 95 % interval ${tenths(low)} to ${tenths(high)}`;

/** "p = 0.0031", "p < 0.0001" */
export const pWords = (p: number): string => (p < 1e-4 ? 'p < 0.0001' : `p = ${p.toPrecision(2)}`);

/** "60.8 %, 95 % interval 49.6 to 71.9 %" */
export function recoveryWords({ value, interval }: Recovery): string {
  const share = value === null ? 'no share that could be given' : `${tenths(value)} %`;
  return interval === null
    ? `${share}, without an interval`
    : `${share}, 95 % interval ${tenths(interval[0])} to ${tenths(interval[1])} %`;
}

export const percent = (share: number): string => `${tenths(share)} %`;

export const points = (difference: number): string => `${tenths(difference)} points`;
