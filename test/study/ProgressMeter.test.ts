import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src-main/contract/study.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { ProgressMeter } from '../../src-main/study/ProgressMeter.ts';
import { StageClock } from '../../src-main/study/StageClock.ts';

const COMPUTED = { cached: false, skipped: false, overBudget: false };

describe('ProgressMeter', () => {
  it('reports at most ten times a second, also over 50 000 small tensors, and counts them truly', () => {
    const seen: Progress[] = [];
    using meter = new ProgressMeter(new MemoryBudget(1), (progress) => seen.push(progress));
    const total = 50_000;
    const started = performance.now();
    meter.planned(total, total);
    meter.state('running');
    for (let i = 0; i < total; i++) {
      const tensor = `model.layers.${String(i)}.weight`;
      meter.begin(tensor);
      for (const stage of ['hash', 'elements', 'store'] as const) {
        meter.stage(tensor, stage);
        meter.worked(tensor, { bytes: 2 });
      }
      meter.finished(tensor, 1, { ...COMPUTED, cached: i % 2 === 0 });
    }
    const seconds = (performance.now() - started) / 1000;
    meter.state('done');
    expect(seen.length).toBeLessThanOrEqual(3 + 10 * seconds);
    expect(seen.at(-1)).toMatchObject({ state: 'done', done: total, cached: total / 2, inFlight: [] });
    expect(seen.at(-1)!.bytesRead).toBe(6 * total);
    expect(seen.at(-1)!.stages.elements).toMatchObject({ tensors: total, bytes: 2 * total, flops: 0 });
    expect(seen.at(-1)!.stages.angles).toEqual({ millis: 0, tensors: 0, bytes: 0, flops: 0 });
    // Five calls per tensor; the account must not be what a run of small tensors spends its time on.
    expect((1e6 * seconds) / total).toBeLessThan(100);
  });

  it('shows what is in flight, and keeps showing memory and time while one tensor takes long', async () => {
    const seen: Progress[] = [];
    using meter = new ProgressMeter(new MemoryBudget(1), (progress) => seen.push(progress));
    meter.state('running');
    meter.begin('a');
    meter.begin('b');
    meter.stage('b', 'decompose');
    await expect.poll(() => seen.length, { timeout: 5000 }).toBeGreaterThan(2);
    expect(seen.at(-1)).toMatchObject({ inFlight: ['a', 'b'], tensor: 'b', stage: 'decompose' });
    expect(seen.at(-1)!.stages.decompose.millis).toBeGreaterThan(500);
  });
});

describe('StageClock', () => {
  it('splits the time of each tensor over its stages; waiting is none of them', () => {
    let now = 0;
    const clock = new StageClock(() => now);
    const after = (millis: number, step: () => void): void => {
      now += millis;
      step();
    };
    clock.begin('a');
    after(1, () => clock.enter('a', 'hash'));
    after(10, () => clock.enter('b', 'hash'));
    after(100, () => clock.enter('a', null));
    clock.worked('b', { bytes: 5 });
    after(1000, () => clock.enter('a', 'decompose'));
    clock.worked('a', { flops: 7 });
    expect(clock.stages().decompose.tensors).toBe(0);
    after(10_000, () => clock.enter('a', 'angles'));
    after(100_000, () => clock.enter('a', 'decompose'));
    after(1_000_000, () => expect(clock.finish('a')).toBe(1_111_111));
    const { hash, decompose, angles } = clock.stages();
    expect(hash).toEqual({ millis: 110 + 1_111_100, tensors: 1, bytes: 5, flops: 0 });
    expect(decompose).toEqual({ millis: 1_010_000, tensors: 1, bytes: 0, flops: 7 });
    expect(angles).toEqual({ millis: 100_000, tensors: 1, bytes: 0, flops: 0 });
    expect([clock.inFlight, clock.total()]).toEqual([['b'], { bytes: 5, flops: 7 }]);
    clock.endAll();
    expect([clock.inFlight, clock.stages().hash.tensors]).toEqual([[], 1]);
  });
});
