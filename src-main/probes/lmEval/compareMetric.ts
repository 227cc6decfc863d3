import type { MetricComparison, MetricPaired } from '../../contract/lmEval.ts';
import { middle95, resampledMeans } from '../statistics/bootstrap.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import { pairedInterval } from '../statistics/pairedInterval.ts';
import { detectableDifference } from '../statistics/power.ts';
import { wilson } from '../statistics/wilson.ts';

type Value = MetricComparison['values'][number];

const isShare = (columns: readonly (readonly number[])[]): boolean =>
  columns.every((column) => column.every((value) => value === 0 || value === 1));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Values of several models on the same problems, a column each: their means with intervals, and every other one against the first. */
export function compareMetric(
  columns: readonly (readonly number[])[],
  seed: number,
): { readonly values: Value[]; readonly paired: MetricPaired[] } {
  const shares = isShare(columns);
  const [first = [], ...others] = columns;
  return {
    values: columns.map((column) => (shares ? shareOf(column) : meanOf(column, seed))),
    paired: others.map((other, i) => ({ model: i + 1, ...pairedValues(first, other, { shares, seed }) })),
  };
}

function shareOf(column: readonly number[]): Value {
  const { value, interval } = wilson(column.filter((one) => one === 1).length, column.length);
  return { mean: value, interval };
}

function meanOf(column: readonly number[], seed: number): Value {
  const [means = new Float64Array()] = resampledMeans([column], seed);
  return { mean: mean(column), interval: middle95(means) };
}

function pairedValues(
  first: readonly number[],
  other: readonly number[],
  { shares, seed }: { readonly shares: boolean; readonly seed: number },
): Omit<MetricPaired, 'model'> {
  const changes = other.map((value, i) => value - (first[i] ?? Number.NaN));
  const gained = changes.filter((change) => change > 0).length;
  const lost = changes.filter((change) => change < 0).length;
  const n = changes.length;
  const { mean: difference, interval } = shares
    ? { mean: (gained - lost) / n, interval: pairedInterval({ n, gained, lost }) }
    : meanOf(changes, seed);
  return {
    gained,
    lost,
    difference,
    interval,
    p: shares ? mcnemar(gained, lost) : null,
    pAdjusted: null,
    detectable: shares ? detectableDifference(n, (gained + lost) / n) : null,
  };
}
