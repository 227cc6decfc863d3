import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Row } from '../../src-main/contract/rows.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Study } from '../../src-main/study/Study.ts';
import { bf16Bits, bf16Value, writeCheckpoint } from '../fixtures/checkpoints.ts';
import {
  compose,
  entry,
  gaussian,
  matrix,
  orthonormal,
  plus,
  product,
  scale,
  type Matrix,
} from '../fixtures/matrix.ts';
import { singularValues } from '../fixtures/jacobi.ts';

const K = 8;
const [ROWS, COLS] = [96, 64];
const NAME = 'model.layers.0.self_attn.q_proj.weight';
const DEGREE = Math.PI / 180;
/** Eight values well above a flat bulk. */
const SIGMA = Array.from({ length: COLS }, (_, i) => (i < K ? 10 - 0.5 * i : 1 - i / 100));

const u = orthonormal(gaussian(ROWS, ROWS, 1));
const v = orthonormal(gaussian(COLS, COLS, 2));
const columns = (q: Matrix, count: number): Matrix => matrix(q.rows, count, (i, j) => entry(q, i, j));
const base = compose(columns(u, COLS), SIGMA, v);

type Dtype = 'F64' | 'F32' | 'BF16';
const rounding: Record<Dtype, (value: number) => number> = {
  F64: (value) => value,
  F32: Math.fround,
  BF16: (value) => bf16Value(bf16Bits(value)),
};

const stored = (w: Matrix, dtype: Dtype): Matrix => ({ ...w, values: w.values.map(rounding[dtype]) });
const norm = (w: Matrix): number => Math.hypot(...w.values);
const error = (w: Matrix, dtype: Dtype): number => norm(plus(stored(w, dtype), w, -1));

const folder = mkdtempSync(join(tmpdir(), 'planted-'));
const kernels = new Kernels({ threads: 2 });
afterAll(() => {
  kernels[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

let studies = 0;
const open: Study[] = [];
afterEach(() => {
  for (const study of open.splice(0)) study[Symbol.dispose]();
});

/** Rows of a study of these matrices, each variant against the base. */
async function measure(
  reference: Matrix,
  variants: Record<string, Matrix>,
  dtype: Dtype,
): Promise<(id: string, variant?: string) => Row> {
  const home = join(folder, String(studies++));
  const write = (label: string, w: Matrix): string =>
    writeCheckpoint(join(home, label), {
      tensors: [{ name: NAME, dtype, shape: [w.rows, w.cols], data: w.values }],
    });
  const study = Study.create(join(home, 'study'), {
    schema: 'polarimeter.study/1',
    name: 'planted',
    base: { path: write('base', reference) },
    variants: Object.entries(variants).map(([label, w]) => ({
      label,
      role: 'other',
      path: write(label, w),
      from: 'base',
      adapterBase: null,
      run: null,
      step: null,
    })),
    options: StudyOptions.parse({ k: K }),
    notes: [],
  });
  open.push(study);
  await study.run(kernels, { limits: { memoryBytes: 2 ** 30, threads: 2 } });
  const rows = study.rows({ level: ['tensor'] });
  return (id, variant = Object.keys(variants)[0] ?? '') => {
    const row = rows.find((candidate) => candidate.measure === id && candidate.variant === variant);
    if (!row) throw new Error(`no row ${id} of ${variant}`);
    return row;
  };
}

const value = (row: Row): number => {
  if (typeof row.value !== 'number')
    throw new Error(`${row.measure}: ${String(row.value)} ${row.reason ?? ''}`);
  return row.value;
};

/** Turns each of the first K columns of q by theta toward a column outside of them. */
function rotated(q: Matrix, theta: number): Matrix {
  return matrix(q.rows, q.cols, (i, j) => {
    if (j < K) return Math.cos(theta) * entry(q, i, j) + Math.sin(theta) * entry(q, i, j + K);
    if (j < 2 * K) return Math.cos(theta) * entry(q, i, j) - Math.sin(theta) * entry(q, i, j - K);
    return entry(q, i, j);
  });
}

/**
 * How far storage may turn a K-subspace, in degrees: Wedin's theorem on the two rounding errors, which the test knows exactly, and
 * d eps s_1^2 / gap^2 for the Gram route in float64.
 */
function angleTolerance(a: Matrix, b: Matrix, dtype: Dtype): number {
  const gap = (SIGMA[K - 1] ?? 0) - (SIGMA[K] ?? 0);
  const rounded = error(a, dtype) + error(b, dtype);
  const arithmetic = (ROWS * 2 ** -52 * (SIGMA[0] ?? 0) ** 2) / gap ** 2;
  return (Math.asin(rounded / (gap - rounded)) + arithmetic) / DEGREE;
}

describe.each<Dtype>(['F64', 'F32', 'BF16'])('a planted rotation stored as %s', (dtype) => {
  it.each([0.001, 0.1, 30])('of %f degrees of the output side is recovered', async (degrees) => {
    const turned = compose(columns(rotated(u, degrees * DEGREE), COLS), SIGMA, v);
    const row = await measure(base, { turned }, dtype);
    const tolerance = angleTolerance(base, turned, dtype);
    for (const statistic of ['median', 'mean', 'max']) {
      expect(Math.abs(value(row(`angles.left.${statistic}`)) - degrees)).toBeLessThan(tolerance);
      expect(value(row(`angles.right.${statistic}`))).toBeLessThan(tolerance);
    }
    // The planted spectra are equal: what moves them is the rounding of both sides (Mirsky).
    const moved = (error(base, dtype) + error(turned, dtype)) / norm(base);
    expect(value(row('spectrum.nss'))).toBeLessThan(moved + COLS * 2 ** -52);
  });

  it('of the input side is recovered on the input side', async () => {
    const turned = compose(columns(u, COLS), SIGMA, rotated(v, 2 * DEGREE));
    const row = await measure(base, { turned }, dtype);
    const tolerance = angleTolerance(base, turned, dtype);
    expect(Math.abs(value(row('angles.right.max')) - 2)).toBeLessThan(tolerance);
    expect(value(row('angles.left.max'))).toBeLessThan(tolerance);
    expect(value(row('angles.right.max'))).toBeLessThanOrEqual(value(row('angles.wedin-bound')) + 1e-9);
  });

  it('a planted spectral shift is recovered', async () => {
    const shifted = SIGMA.map((s, i) => s * (1 + 1e-3 * (i % 3)));
    const variant = compose(columns(u, COLS), shifted, v);
    const row = await measure(base, { variant }, dtype);
    const expected = Math.hypot(...shifted.map((s, i) => s - (SIGMA[i] ?? 0))) / norm(base);
    const tolerance = (error(base, dtype) + error(variant, dtype)) / norm(base) + COLS * 2 ** -50;
    expect(Math.abs(value(row('spectrum.nss')) - expected)).toBeLessThan(tolerance);
  });
});

describe('relations', () => {
  it('a checkpoint against itself: everything unchanged, no angle, no shift', async () => {
    const row = await measure(base, { same: base }, 'BF16');
    expect(row('update.unchanged.bf16').value).toBe(1);
    expect(row('update.norm').value).toBe(0);
    expect(row('spectrum.nss').value).toBe(0);
    expect(value(row('angles.left.max'))).toBeLessThan(1e-9);
    expect(row('rank.stable')).toMatchObject({ value: null, reason: 'the update is exactly zero' });
  });

  it('W -> 2W: NSS is 1 at its ceiling, no angle, update parallel to the reference', async () => {
    const row = await measure(base, { doubled: scale(base, 2) }, 'BF16');
    expect(value(row('spectrum.nss'))).toBeCloseTo(1, 12);
    expect(value(row('spectrum.nss-over-ceiling'))).toBeCloseTo(1, 12);
    expect(value(row('angles.left.max'))).toBeLessThan(1e-9);
    expect(value(row('update.reference-cosine'))).toBeCloseTo(1, 6);
    expect(value(row('update.relative-norm'))).toBeCloseTo(1, 6);
    expect(row('update.unchanged.bf16').value).toBe(0);
  });

  it('W -> QW: the spectrum stays, the output side turns, the input side does not', async () => {
    const q = orthonormal(gaussian(ROWS, ROWS, 7));
    const row = await measure(base, { turned: product(q, base) }, 'F64');
    expect(value(row('spectrum.nss'))).toBeLessThan(COLS * 2 ** -48);
    expect(value(row('angles.left.median'))).toBeGreaterThan(45);
    expect(value(row('angles.right.max'))).toBeLessThan(1e-9);
  });

  it('a rank-1 update orthogonal to the leading directions leaves them where they are, below the gap', async () => {
    const at = (q: Matrix, j: number): Matrix => matrix(q.rows, 1, (i) => entry(q, i, j));
    const update = compose(at(u, ROWS - 1), [0.5], at(v, COLS - 1));
    const row = await measure(base, { variant: plus(base, update) }, 'F64');
    expect(value(row('angles.left.max'))).toBeLessThan(1e-9);
    expect(value(row('rank.stable'))).toBeCloseTo(1, 10);
    expect(value(row('energy.two-sided'))).toBeLessThan(1e-20);
    expect(value(row('rank.numerical'))).toBe(1 / COLS);
  });

  it('an update of rank 5 inside the leading frame: rank, energy and its rotational and spectral parts', async () => {
    const [left, right] = [columns(u, 5), columns(v, 5)];
    const diagonal = compose(left, [0.1, 0.1, 0.1, 0.1, 0.1], right);
    const row = await measure(base, { variant: plus(base, diagonal) }, 'F64');
    // F64 sums of the update cancel digits: w' - w is known to eps |w| only.
    const tolerance = (ROWS * 2 ** -52 * norm(base)) / norm(diagonal);
    expect(Math.abs(value(row('energy.two-sided')) - 1)).toBeLessThan(tolerance);
    expect(Math.abs(value(row('energy.spectral')) - 1)).toBeLessThan(tolerance);
    expect(Math.abs(value(row('energy.rotational')))).toBeLessThan(tolerance);
    expect(value(row('rank.numerical'))).toBe(5 / COLS);
    expect(value(row('rank.stable'))).toBeCloseTo(5, 9);
    expect(value(row('rank.energy-99'))).toBe(5);
  });

  it('Mirsky: the spectral shift never exceeds its ceiling; the spectra agree with an independent Jacobi SVD', async () => {
    const variant = plus(base, scale(gaussian(ROWS, COLS, 11), 0.02));
    const row = await measure(base, { variant }, 'BF16');
    const shift = row('spectrum.nss');
    expect(value(shift)).toBeLessThanOrEqual(Number(shift.baseline));
    const [before, after] = [singularValues(stored(base, 'BF16')), singularValues(stored(variant, 'BF16'))];
    const expected = Math.hypot(...after.map((s, i) => s - (before[i] ?? 0))) / Math.hypot(...before);
    expect(Math.abs(value(shift) - expected)).toBeLessThan(COLS * 2 ** -50);
  });

  it('a planted mask is counted exactly, and two runs are compared whichever comes first', async () => {
    const changed = (i: number, j: number): boolean => (i * COLS + j) % 5 === 0;
    const bf16 = stored(base, 'BF16');
    const step = (w: number): number => bf16Value(bf16Bits(w) + 1);
    const a = matrix(ROWS, COLS, (i, j) => (changed(i, j) ? step(entry(bf16, i, j)) : entry(bf16, i, j)));
    const b = plus(bf16, plus(a, bf16, -1), -2);
    const [forward, backward] = [
      await measure(bf16, { a, b }, 'BF16'),
      await measure(bf16, { b, a }, 'BF16'),
    ];
    const count = Math.ceil((ROWS * COLS) / 5);
    expect(forward('update.unchanged.bf16', 'a').value).toBe(1 - count / (ROWS * COLS));
    expect(forward('update.one-step', 'a').value).toBe(1);
    for (const id of ['update.norm', 'angles.left.max', 'spectrum.nss', 'rank.stable']) {
      expect(forward(id, 'a').value).toBe(backward(id, 'a').value);
    }
    expect(value(forward('update.cosine', 'a'))).toBe(value(backward('update.cosine', 'b')));
    expect(value(forward('update.cosine', 'a'))).toBeLessThan(-0.9);
  });
});
