import type { Row } from '../contract/rows.ts';
import type { Measure } from '../measures/Measure.ts';
import type { StoredResult } from './Store.ts';

/** A number as JSON can carry it. */
export function numberOrWord(value: number): number | 'NaN' | 'Infinity' | '-Infinity' {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** Parts of several tensors as parts of all of them. */
export function combine(
  all: readonly (readonly number[])[],
  aggregation: Measure['info']['aggregation'],
): number[] {
  const [first, ...others] = all;
  const total = [...(first ?? [])];
  // In place: a list of its own for every tensor of a large model would take most of the time.
  for (const parts of others) {
    for (let i = 0; i < total.length; i++) {
      const [before, part] = [total[i] ?? 0, parts[i] ?? 0];
      total[i] = aggregation === 'maximum' ? Math.max(before, part) : before + part;
    }
  }
  return total;
}

/** The q-quantile of sorted values, linear between order statistics. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? NaN) - low);
}

function spreadOf(values: readonly number[]): Row['spread'] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length < 2) return null;
  return { q1: quantile(sorted, 0.25), median: quantile(sorted, 0.5), q3: quantile(sorted, 0.75) };
}

function commonest(words: readonly string[]): string | null {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => ({ word, count: all.length }));
  return counts.reduce<{
    word: string | null;
    count: number;
  }>((best, next) => (next.count > best.count ? next : best), { word: null, count: 0 }).word;
}

type Values = Pick<Row, 'value' | 'baseline' | 'tensors' | 'spread' | 'method' | 'residual' | 'reason'>;

/** The same as for many, without the groups and sums: most rows are of one tensor. */
function ofOne(
  { value }: Pick<Measure, 'value'>,
  { parts, baseline, method, residual, reason }: StoredResult,
): Values {
  if (!parts) {
    const why = reason ?? 'no tensor has a value';
    return { value: null, baseline: null, tensors: 0, spread: null, method, residual, reason: why };
  }
  return {
    value: numberOrWord(value(parts)),
    baseline: baseline && numberOrWord(value(baseline)),
    tensors: 1,
    spread: null,
    method,
    residual,
    reason: null,
  };
}

/** What is common to many results, in one pass: an overall value of a large model is made of tens of thousands. */
function gather(results: readonly StoredResult[]) {
  const parts: (readonly number[])[] = [];
  const baselines: (readonly number[])[] = [];
  const methods = new Set<string>();
  let residual: number | null = null;
  for (const result of results) {
    if (result.method !== '') methods.add(result.method);
    if (result.residual !== null) residual = Math.max(residual ?? -Infinity, result.residual);
    if (!result.parts) continue;
    parts.push(result.parts);
    if (result.baseline) baselines.push(result.baseline);
  }
  return { parts, baselines, method: [...methods].join('; '), residual };
}

/** One value for one tensor or many, with its baseline; results without a value are left out and counted out. */
export function aggregate(
  measure: Pick<Measure, 'info' | 'value'>,
  results: readonly StoredResult[],
): Values {
  const { aggregation } = measure.info;
  const [only] = results;
  if (only && results.length === 1) return ofOne(measure, only);
  const { parts, baselines, method, residual } = gather(results);
  if (parts.length === 0) {
    const reason = commonest(results.flatMap((result) => result.reason ?? [])) ?? 'no tensor has a value';
    return { value: null, baseline: null, tensors: 0, spread: null, method, residual, reason };
  }
  const averaged = aggregation === 'unweighted-mean' && parts.length > 1;
  return {
    value: numberOrWord(measure.value(combine(parts, aggregation))),
    baseline: baselines.length > 0 ? numberOrWord(measure.value(combine(baselines, aggregation))) : null,
    tensors: parts.length,
    spread: averaged ? spreadOf(parts.map((each) => measure.value(each))) : null,
    method,
    residual,
    reason: null,
  };
}
