import { afterEach, describe, expect, it, vi } from 'vitest';
import { bf16Bits, bf16Value } from '../fixtures/checkpoints.ts';
import { gaussian, scale, type Matrix } from '../fixtures/matrix.ts';
import {
  PlantedStudies,
  stored,
  type Planted,
  type PlantedModel,
  type PlantedVariant,
} from '../fixtures/plantedStudy.ts';
import { Study } from '../../src-main/study/Study.ts';

const Q = 'model.layers.0.self_attn.q_proj.weight';
const UP = 'model.layers.1.mlp.up_proj.weight';
const NORM = 'model.norm.weight';
const base: PlantedModel = Object.fromEntries(
  (
    [
      [Q, 24, 16],
      [UP, 40, 16],
      [NORM, 1, 16],
    ] as const
  ).map(([name, rows, cols], i) => [name, stored(scale(gaussian(rows, cols, i + 1), 0.02), 'BF16')]),
);
const matrices = [Q, UP];
const studies = new PlantedStudies();
afterEach(() => vi.restoreAllMocks());

type Mask = (i: number, tensor: string) => boolean;

/** The base with one bf16 step wherever a mask says. */
const run = (mask: Mask, about: Omit<PlantedVariant, 'model'> = {}): PlantedVariant => ({
  ...about,
  model: Object.fromEntries(
    Object.entries(base).map(([name, w]): [string, Matrix] => [
      name,
      { ...w, values: w.values.map((x, i) => (mask(i, name) ? bf16Value(bf16Bits(x) + 1) : x)) },
    ]),
  ),
});

const size = (tensor: string): number => base[tensor]?.values.length ?? NaN;
/** Entries of a tensor where all masks hold. */
const count = (tensor: string, ...masks: readonly Mask[]): number =>
  Array.from({ length: size(tensor) }, (_, i) => i).filter((i) => masks.every((mask) => mask(i, tensor)))
    .length;
const sum = (of: (tensor: string) => number): number =>
  Object.keys(base).reduce((total, tensor) => total + of(tensor), 0);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const even: Mask = (i) => i % 2 === 0;
const third: Mask = (i, tensor) => i % 3 === 0 && tensor !== NORM;
const few: Mask = (i, tensor) => i % 12 === 0 && tensor === Q;
const never: Mask = () => false;

const planted = (variants: Planted['variants']): Planted => ({
  base,
  variants,
  dtype: 'BF16',
  options: { k: 4 },
});

describe('two runs with known masks', () => {
  it('Jaccard per tensor, its mean over matrices, and counted over all weights', async () => {
    const found = await studies.run(planted({ a: run(even), b: run(third) }));
    const jaccard = (tensor: string): number => {
      const both = count(tensor, even, third);
      return both / (count(tensor, even) + count(tensor, third) - both);
    };
    const expected = (tensor: string): number => {
      const [p, q] = [count(tensor, even) / size(tensor), count(tensor, third) / size(tensor)];
      return (p * q) / (p + q - p * q);
    };
    const pair = { variant: 'a', parameters: { with: 'b' } };
    for (const tensor of matrices) {
      expect(found.value('overlap.jaccard', { ...pair, tensor })).toBeCloseTo(jaccard(tensor), 14);
      expect(found.baseline('overlap.jaccard', { ...pair, tensor })).toBeCloseTo(expected(tensor), 14);
    }
    expect(found.value('overlap.jaccard', pair)).toBeCloseTo(mean(matrices.map(jaccard)), 14);
    // A vector is no matrix, and counts among all weights only.
    expect(found.rows('overlap.jaccard', { tensor: NORM })).toEqual([]);
    const both = sum((tensor) => count(tensor, even, third));
    const union = sum((tensor) => count(tensor, even)) + sum((tensor) => count(tensor, third)) - both;
    expect(found.value('overlap.jaccard-weighted', pair)).toBeCloseTo(both / union, 14);
    // Asked once: the other order is the same question.
    expect(found.rows('overlap.jaccard', { variant: 'b' })).toEqual([]);
  });

  it('one-sided, in both directions', async () => {
    const found = await studies.run(planted({ a: run(even), b: run(third) }));
    const both = sum((tensor) => count(tensor, even, third));
    const [a, b] = [sum((tensor) => count(tensor, even)), sum((tensor) => count(tensor, third))];
    const forward = { variant: 'a', parameters: { with: 'b' } };
    const backward = { variant: 'b', parameters: { with: 'a' } };
    expect(found.value('overlap.one-sided', forward)).toBeCloseTo(both / a, 14);
    expect(found.value('overlap.one-sided', backward)).toBeCloseTo(both / b, 14);
    const chance = sum((tensor) => (count(tensor, even) * count(tensor, third)) / size(tensor));
    expect(found.baseline('overlap.one-sided', forward)).toBeCloseTo(chance / a, 14);
    expect(found.baseline('overlap.one-sided', backward)).toBeCloseTo(chance / b, 14);
    const perTensor = (tensor: string): number => count(tensor, even, third) / count(tensor, third);
    expect(found.value('overlap.one-sided', { ...backward, tensor: Q })).toBeCloseTo(perTensor(Q), 14);
    expect(found.value('overlap.one-sided-mean', backward)).toBeCloseTo(mean(matrices.map(perTensor)), 14);
    // The second run changed no weight of the norm: it has no say there.
    expect(found.row('overlap.one-sided', { ...backward, tensor: NORM }).reason).toContain(
      'changed no weight',
    );
  });

  it('independent masks meet as often as the baseline says', async () => {
    const a: Mask = (i) => ((i * 2654435761) >>> 7) % 10 < 3;
    const b: Mask = (i) => ((i * 2246822519) >>> 9) % 10 < 4;
    const found = await studies.run(planted({ a: run(a), b: run(b) }));
    const pair = { variant: 'a', parameters: { with: 'b' }, tensor: UP };
    const [n, p, q] = [size(UP), count(UP, a) / size(UP), count(UP, b) / size(UP)];
    // The intersection is hypergeometric; one-sided overlap is it over |A|.
    const deviation = Math.sqrt((q * (1 - q) * (1 - p)) / (p * (n - 1)));
    expect(found.baseline('overlap.one-sided', pair)).toBeCloseTo(q, 14);
    expect(Math.abs(found.value('overlap.one-sided', pair) - q)).toBeLessThan(4 * deviation);
  });

  it('a run that changed nothing: its side is undefined with a reason, never 0', async () => {
    const found = await studies.run(planted({ a: run(even), still: run(never), idle: run(never) }));
    const from = (variant: string, other: string) => ({ variant, parameters: { with: other } });
    for (const id of ['overlap.one-sided', 'overlap.one-sided-mean']) {
      const row = found.row(id, from('still', 'a'));
      expect(row).toMatchObject({ value: null, reason: 'the first run changed no weight in bfloat16' });
    }
    for (const id of ['overlap.jaccard', 'overlap.jaccard-weighted']) {
      const row = found.row(id, from('still', 'idle'));
      expect(row).toMatchObject({ value: null, reason: 'neither run changed a weight in bfloat16' });
    }
    expect(found.row('update.cosine', from('a', 'still'))).toMatchObject({ value: null });
    // Of what the other run changed it changed nothing, which is a share, and so is its chance.
    expect(found.value('overlap.one-sided', from('a', 'still'))).toBe(0);
    expect(found.baseline('overlap.one-sided', from('a', 'still'))).toBe(0);
  });
});

describe('sets of runs', () => {
  const of = (masks: readonly Mask[]) => {
    const times = (tensor: string, i: number): number => masks.filter((mask) => mask(i, tensor)).length;
    const entries = (test: (hits: number) => boolean): number =>
      sum((tensor) => Array.from({ length: size(tensor) }, (_, i) => times(tensor, i)).filter(test).length);
    const changed = sum((tensor) => masks.reduce((total, mask) => total + count(tensor, mask), 0));
    return { ever: entries((hits) => hits > 0), always: entries((hits) => hits === masks.length), changed };
  };

  it('three runs of one role, beside two of another and one that is alone', async () => {
    const masks = [even, third, few];
    const found = await studies.run(
      planted({
        r1: run(even, { role: 'rl' }),
        s1: run(even, { role: 'sft' }),
        r2: run(third, { role: 'rl' }),
        s2: run(third, { role: 'sft' }),
        r3: run(few, { role: 'rl' }),
        alone: run(even),
      }),
    );
    const rl = of(masks);
    expect(found.value('overlap.consensus', { role: 'rl' })).toBeCloseTo(rl.always / rl.ever, 14);
    expect(found.value('overlap.consensus-mean', { role: 'rl' })).toBeCloseTo(rl.changed / 3 / rl.ever, 14);
    expect(found.row('overlap.consensus', { role: 'rl' }).parameters).toEqual({ with: 'r2, r3', runs: 3 });
    const chance = (tensor: string): [number, number] => {
      const shares = masks.map((mask) => count(tensor, mask) / size(tensor));
      const [all, none] = [shares.reduce((a, p) => a * p, 1), shares.reduce((a, p) => a * (1 - p), 1)];
      return [size(tensor) * all, size(tensor) * (1 - none)];
    };
    const expected = sum((tensor) => chance(tensor)[0]) / sum((tensor) => chance(tensor)[1]);
    expect(found.baseline('overlap.consensus', { role: 'rl' })).toBeCloseTo(expected, 14);
    const sft = of([even, third]);
    expect(found.value('overlap.consensus', { role: 'sft' })).toBeCloseTo(sft.always / sft.ever, 14);
    expect(found.rows('overlap.consensus', { role: 'other' })).toEqual([]);
  });

  it('how many weights exactly c runs changed, and how many independent masks would give', async () => {
    const masks = [even, third, few];
    const found = await studies.run(
      planted({
        r1: run(even, { role: 'rl' }),
        r2: run(third, { role: 'rl' }),
        r3: run(few, { role: 'rl' }),
        s1: run(even, { role: 'sft' }),
      }),
    );
    const times = (tensor: string, i: number): number => masks.filter((mask) => mask(i, tensor)).length;
    const exactly = (c: number, tensors: readonly string[]): number =>
      tensors.reduce(
        (total, tensor) =>
          total +
          Array.from({ length: size(tensor) }, (_, i) => i).filter((i) => times(tensor, i) === c).length,
        0,
      );
    // Every way in which c of three independent runs can change a weight, written out.
    const chance = (c: number, tensor: string): number => {
      const p = masks.map((mask) => count(tensor, mask) / size(tensor));
      let total = 0;
      for (let way = 0; way < 8; way++) {
        const hits = [0, 1, 2].filter((r) => way & (1 << r));
        if (hits.length === c)
          total += p.reduce((product, share, r) => product * (way & (1 << r) ? share : 1 - share), 1);
      }
      return total * size(tensor);
    };
    const [all, ...others] = await found.study.consensus({ layers: [], module: [] });
    expect(others).toEqual([]);
    expect(all).toMatchObject({ role: 'rl', reference: 'base', runs: ['r1', 'r2', 'r3'], tensors: 3 });
    const tensors = Object.keys(base);
    expect(all?.counts).toEqual([0, 1, 2, 3].map((c) => exactly(c, tensors)));
    for (const c of [0, 1, 2, 3]) {
      expect(all?.expected?.[c]).toBeCloseTo(
        tensors.reduce((total, tensor) => total + chance(c, tensor), 0),
        10,
      );
    }
    const ever = sum((tensor) => size(tensor)) - exactly(0, tensors);
    expect(found.value('overlap.ever', { role: 'rl' })).toBeCloseTo(ever / sum(size), 14);

    const [first] = await found.study.consensus({ layers: ['0'], module: [] });
    expect(first?.counts).toEqual([0, 1, 2, 3].map((c) => exactly(c, [Q])));
    expect(first?.expected?.[1]).toBeCloseTo(chance(1, Q), 10);
  });

  it('of trajectories take the last checkpoint of each run only', async () => {
    const rl = (name: string, step: number) => ({ role: 'rl' as const, run: name, step });
    const found = await studies.run(
      planted({
        'one-20': run(even, rl('one', 20)),
        'one-10': run(few, rl('one', 10)),
        'two-5': run(never, rl('two', 5)),
        'two-30': run(third, rl('two', 30)),
      }),
    );
    const last = of([even, third]);
    const row = found.row('overlap.consensus');
    expect(row).toMatchObject({ variant: 'one-20', parameters: { with: 'two-30', runs: 2 } });
    expect(row.value).toBeCloseTo(last.always / last.ever, 14);
    // Pairs are asked of all checkpoints.
    expect(found.rows('overlap.jaccard', { level: 'overall' })).toHaveLength(6);
  });
});

describe('what was computed once', () => {
  const two = { a: run(even), b: run(third) };

  it('is not computed again', async () => {
    const first = await studies.run(planted(two));
    const calls = ['elementPass', 'svd', 'maskOverlap', 'principalAngles', 'frameEnergy'] as const;
    const spies = calls.map((name) => vi.spyOn(studies.kernels, name));
    const again = await studies.again(first);
    expect(again.progress).toMatchObject({ state: 'done', done: 3, cached: 3, bytesRead: 0 });
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    const limits = { memoryBytes: 2 ** 30, threads: 1 };
    expect(again.study.estimate(studies.kernels, limits)).toMatchObject({ cached: 3, flops: 0 });
  });

  it('is estimated without what runs have in common, where that is still missing', async () => {
    const alone = { ...planted(two), options: { measures: ['update.norm'] } };
    const first = await studies.run(alone);
    const limits = { memoryBytes: 2 ** 30, threads: 1 };
    expect(first.study.estimate(studies.kernels, limits)).toMatchObject({ cached: 3 });
    const folder = first.study.folder;
    const { file } = first.study;
    const options = { ...file.options, measures: ['update.norm', 'update.cosine'] };
    using together = Study.create(folder, { ...file, options });
    expect(together.estimate(studies.kernels, limits)).toMatchObject({ cached: 0 });
    await together.run(studies.kernels, { limits });
    expect(together.estimate(studies.kernels, limits)).toMatchObject({ cached: 3 });
  });

  it('stays when a variant is added: only the new one is decomposed and met with the others', async () => {
    const first = await studies.run(planted(two));
    const svd = vi.spyOn(studies.kernels, 'svd');
    const masks = vi.spyOn(studies.kernels, 'maskOverlap');
    const more = await studies.again(first, planted({ ...two, c: run(few) }));
    // Per matrix: the reference, the new variant (in one go or, where middle and head overlap, two), and their difference.
    const perMatrix = svd.mock.calls.filter(([{ minus }]) => minus !== undefined).length;
    expect(perMatrix).toBe(matrices.length);
    const read = svd.mock.calls.map(([{ tensor }]) => ('path' in tensor ? tensor.path : ''));
    expect(read.some((path) => path.includes('/a/') || path.includes('/b/'))).toBe(false);
    expect(masks).toHaveBeenCalledTimes(matrices.length);
    for (const id of ['update.norm', 'overlap.one-sided'])
      expect(more.rows(id, { variant: 'a', parameters: { with: 'b' } })).toEqual(
        first.rows(id, { variant: 'a', parameters: { with: 'b' } }),
      );
    const together = { variant: 'c', parameters: { with: 'a' }, tensor: Q };
    expect(more.value('overlap.one-sided', together)).toBe(count(Q, few, even) / count(Q, few));
    expect(more.rows('overlap.one-sided', { level: 'overall' })).toHaveLength(6);
    // A set is one of all runs of its role: with a third run it is another.
    expect(more.row('overlap.consensus').parameters['runs']).toBe(3);
  });
});
