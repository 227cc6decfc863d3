import { describe, expect, it } from 'vitest';
import type { SetOfRuns } from '../../src-main/measures/evidence.ts';
import { setMeasures } from '../../src-main/measures/registry.ts';
import { read } from '../fixtures/evidence.ts';
import { uniform } from '../fixtures/matrix.ts';

const N = 50_000;

function measured(id: string, set: SetOfRuns) {
  const measure = setMeasures.find(({ info }) => info.id === id);
  if (!measure) throw new Error(`no measure ${id}`);
  return read(measure, measure.measure(set));
}

function valued(id: string, set: SetOfRuns): { value: number; baseline: number } {
  const found = measured(id, set);
  if (typeof found === 'string') throw new Error(found);
  return { value: found.value, baseline: found.baseline ?? NaN };
}

function setOf(runs: number, n: number, changes: (run: number, weight: number) => boolean): SetOfRuns {
  const changed = Array.from({ length: runs }, () => 0);
  const consensus = Array.from({ length: runs + 1 }, () => 0);
  for (let weight = 0; weight < n; weight++) {
    let count = 0;
    for (let run = 0; run < runs; run++) {
      if (!changes(run, weight)) continue;
      count++;
      changed[run] = (changed[run] ?? 0) + 1;
    }
    consensus[count] = (consensus[count] ?? 0) + 1;
  }
  return { runs, n, changed, consensus };
}

describe('consensus of several runs', () => {
  it('runs that change the same weights agree entirely', () => {
    const set = setOf(4, 100, (_, weight) => weight < 30);
    expect(valued('overlap.consensus', set).value).toBe(1);
    expect(valued('overlap.consensus-mean', set).value).toBeCloseTo(1, 14);
    expect(valued('overlap.consensus', set).baseline).toBeCloseTo(0.3 ** 4 / (1 - 0.7 ** 4), 14);
    expect(valued('overlap.consensus-mean', set).baseline).toBeCloseTo(0.3 / (1 - 0.7 ** 4), 14);
  });

  it('runs that never meet: no common weight, and a mean consensus of 1 / R', () => {
    const set = setOf(4, 100, (run, weight) => weight % 10 === run);
    expect(valued('overlap.consensus', set).value).toBe(0);
    expect(valued('overlap.consensus-mean', set).value).toBeCloseTo(1 / 4, 14);
  });

  it('two runs: the share is their Jaccard overlap, baseline included', () => {
    const set = setOf(2, 100, (run, weight) => (run === 0 ? weight < 40 : weight >= 20 && weight < 50));
    const [p, q] = [0.4, 0.3];
    expect(valued('overlap.consensus', set).value).toBe(20 / 50);
    expect(valued('overlap.consensus', set).baseline).toBeCloseTo((p * q) / (p + q - p * q), 14);
  });

  // Given that some run changed a weight, all of them did so independently of the other weights: a binomial share.
  it('independent runs: both at their baselines within four standard deviations', () => {
    const densities = [0.5, 0.3, 0.6];
    const next = uniform(17);
    const set = setOf(3, N, (run) => next() < (densities[run] ?? 0));
    const ever = N - (set.consensus[0] ?? NaN);
    const share = valued('overlap.consensus', set);
    const deviation = Math.sqrt((share.baseline * (1 - share.baseline)) / ever);
    expect(Math.abs(share.value - share.baseline)).toBeLessThan(4 * deviation);
    // The mean is fixed by the densities over the number of weights ever changed, which is binomial.
    const mean = valued('overlap.consensus-mean', set);
    const relative = Math.sqrt((1 - ever / N) / ever);
    expect(Math.abs(mean.value / mean.baseline - 1)).toBeLessThan(4 * relative);
  });

  it('has no value for one run, or where no run changed anything', () => {
    for (const id of ['overlap.consensus', 'overlap.consensus-mean']) {
      expect(
        measured(
          id,
          setOf(1, 10, () => true),
        ),
      ).toBe('there is one run only');
      expect(
        measured(
          id,
          setOf(3, 10, () => false),
        ),
      ).toBe('no run changed a weight in bfloat16');
    }
  });
});
