import { afterAll, describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { DenseMatrix } from '../../src-main/kernels/DenseMatrix.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';

const kernels = new Kernels();
const { dense } = kernels;

afterAll(async () => {
  await kernels.whenIdle();
  kernels[Symbol.dispose]();
});

type Rows = readonly (readonly number[])[];

const of = (rows: Rows): DenseMatrix =>
  dense.fromValues(rows.length, rows[0]?.length ?? 0, Float64Array.from(rows.flat()));

function rowsOf(a: DenseMatrix): number[][] {
  const values = [...dense.values(a)];
  return Array.from({ length: a.rows }, (_, i) => values.slice(i * a.cols, (i + 1) * a.cols));
}

/** Sums of products, as they are defined. */
function times(a: Rows, b: Rows): number[][] {
  const cols = b[0] ?? [];
  return a.map((row) => cols.map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? NaN), 0)));
}

const turned = (a: Rows): number[][] => (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? NaN));

function distance(a: Rows, b: Rows): number {
  const [x, y] = [a.flat(), b.flat()];
  expect(x.length).toBe(y.length);
  return Math.max(0, ...x.map((value, i) => Math.abs(value - (y[i] ?? NaN))));
}

const identity = (size: number): number[][] =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof PolarimeterError) return error.code;
    throw error;
  }
  return 'nothing failed';
}

const A = [
  [1, 2, 3],
  [4, 5, 6],
];
const EPS = 2 ** -52;

describe('parts of matrices', () => {
  it('are copied out and put back', async () => {
    using a = of(A);
    using row = await dense.rowRange(a, 1, 2);
    using columns = await dense.columnRange(a, 0, 2);
    using none = await dense.columnRange(a, 3, 3);
    expect([rowsOf(row), rowsOf(columns), rowsOf(none)]).toEqual([[[4, 5, 6]], [[1, 2], [4, 5]], [[], []]]); // prettier-ignore
    using copy = await dense.copy(a);
    await dense.setRows(copy, 0, row);
    await dense.setColumns(copy, 1, columns);
    expect(rowsOf(copy)).toEqual([[4, 1, 2], [4, 4, 5]]); // prettier-ignore
    expect(rowsOf(a)).toEqual(A);
    using zeros = await dense.zeros(2, 2);
    expect(rowsOf(zeros)).toEqual([[0, 0], [0, 0]]); // prettier-ignore
  });
});

describe('algebra', () => {
  it.each([{}, { a: true }, { b: true }, { a: true, b: true }])('multiplies %o', async (transposed) => {
    using a = await dense.normal(transposed.a ? 40 : 30, transposed.a ? 30 : 40, 1n);
    using b = await dense.normal(transposed.b ? 20 : 40, transposed.b ? 40 : 20, 2n);
    using product = await dense.multiply(a, b, transposed);
    const [left, right] = [rowsOf(a), rowsOf(b)];
    const expected = times(transposed.a ? turned(left) : left, transposed.b ? turned(right) : right);
    expect(distance(rowsOf(product), expected)).toBeLessThan(40 * 40 * EPS);
  });

  it('adds, scales, and sums', async () => {
    using a = of(A);
    using b = of([[1, 0, -1], [2, 0, 1]]); // prettier-ignore
    expect(await dense.dot(a, b)).toBe(1 - 3 + 8 + 6);
    await dense.add(a, 2, b);
    await dense.scale(a, 0.5);
    await dense.scaleColumns(a, Float64Array.of(1, 10, 100));
    expect(rowsOf(a)).toEqual([[1.5, 10, 50], [4, 25, 400]]); // prettier-ignore
    using c = of([[3e300, 4e300]]);
    expect(await dense.norm(c)).toBeCloseTo(5e300, -287);
    expect(await dense.norm(b)).toBe(Math.sqrt(7));
  });
});

describe('decompositions', () => {
  it('give the triplets that were asked for', async () => {
    using u = await dense.haar(30, 1n);
    using v = await dense.haar(20, 2n);
    using frame = await dense.columnRange(u, 0, 20);
    const sigma = Float64Array.from({ length: 20 }, (_, i) => 1000 ** (-i / 19));
    await dense.scaleColumns(frame, sigma);
    using w = await dense.multiply(frame, v, { b: true });
    using svd = await dense.svd(w, [{ from: 0, to: 3 }, { from: 18, to: 20 }]); // prettier-ignore
    expect(distance([[...svd.all]], [[...sigma]])).toBeLessThan(64 * EPS);
    expect([...svd.sigma]).toEqual([...svd.all.slice(0, 3), ...svd.all.slice(18)]);
    expect([svd.left.rows, svd.left.cols, svd.right.rows, svd.right.cols]).toEqual([30, 5, 20, 5]);
    expect(svd.residual).toBeLessThan(64 * EPS);
    using image = await dense.multiply(w, svd.right, {});
    using scaled = await dense.copy(svd.left);
    await dense.scaleColumns(scaled, svd.sigma);
    expect(distance(rowsOf(image), rowsOf(scaled))).toBeLessThan(64 * EPS);
    expect(dense.svdBytes(4096, 4096, 128)).toBeGreaterThan(8 * 4096 * 4096);
  });

  it('give the nearest orthonormal matrix, which that of an orthonormal one is itself', async () => {
    using q = await dense.haar(16, 3n);
    using b = await dense.copy(q);
    await dense.scale(b, 7);
    using polar = await dense.polar(b);
    expect(distance(rowsOf(polar), rowsOf(q))).toBeLessThan(64 * EPS);
    using hadamard = await dense.hadamard(8, 1n);
    using gram = await dense.multiply(hadamard, hadamard, { a: true });
    expect(distance(rowsOf(gram), identity(8))).toBeLessThan(8 * EPS);
  });

  it('fail not-finite and no other way', async () => {
    using a = of([[1, NaN], [0, 1]]); // prettier-ignore
    expect(await codeOf(() => dense.svd(a, [{ from: 0, to: 1 }]))).toBe('not-finite');
    expect(await codeOf(() => dense.polar(a))).toBe('not-finite');
  });
});

describe('masks', () => {
  const b = () => of([[0, 0, 0, 0, 0]]); // prettier-ignore
  const kept = async (mask: Parameters<typeof dense.keepWhere>[2]) => {
    using a = of([[1, 2, 3, 4, 5]]); // prettier-ignore
    using zeros = b();
    const { selected } = await dense.keepWhere(a, zeros, mask);
    return [selected, ...dense.values(a)];
  };

  it('keep the largest and the smallest, ties by index', async () => {
    using by = of([[-2, 1, 2, -1, 0]]); // prettier-ignore
    const common = { by, complement: false } as const;
    expect(await kept({ ...common, kind: 'largest', share: 0.2 })).toEqual([1, 1, 0, 0, 0, 0]);
    expect(await kept({ ...common, kind: 'largest', share: 0.5 })).toEqual([3, 1, 2, 3, 0, 0]);
    expect(await kept({ ...common, kind: 'smallest', share: 0.4 })).toEqual([2, 0, 2, 0, 0, 5]);
    expect(await kept({ ...common, kind: 'smallest', share: 0.4, complement: true })).toEqual([
      3, 1, 0, 3, 4, 0,
    ]);
  });

  it('keep what differs as bfloat16, and a random share', async () => {
    using by = of([[1, 1, 0, 2, 3]]); // prettier-ignore
    using other = of([[1, 1.01, -0, 2.001, -3]]); // prettier-ignore
    expect(await kept({ kind: 'different', by, with: other, complement: false })).toEqual([2, 0, 2, 0, 0, 5]);
    const random = { kind: 'random', share: 0.4, complement: false } as const;
    const drawn = await kept({ ...random, seed: 1n });
    expect(drawn.filter((x) => x !== 0)).toHaveLength(3);
    expect(await kept({ ...random, seed: 1n })).toEqual(drawn);
    const seeds = await Promise.all(
      Array.from({ length: 20 }, (_, i) => kept({ ...random, seed: BigInt(i) })),
    );
    expect(new Set(seeds.map(String)).size).toBeGreaterThan(4);
  });
});

describe('wrong requests', () => {
  it('fail invalid-argument', async () => {
    using a = of(A);
    using b = of(A);
    const gone = of(A);
    gone[Symbol.dispose]();
    gone[Symbol.dispose]();
    const foreign: DenseMatrix = { rows: 2, cols: 3, [Symbol.dispose]: () => undefined };
    const actions: (() => unknown)[] = [
      () => dense.multiply(a, b, {}),
      () => dense.add(a, NaN, b),
      () => dense.scale(a, Infinity),
      () => dense.scaleColumns(a, Float64Array.of(1)),
      () => dense.rowRange(a, 1, 3),
      () => dense.columnRange(a, 2, 1),
      () => dense.setRows(a, 1, b),
      () => dense.setRows(a, 0, dense.fromValues(1, 1, Float64Array.of(1))),
      () => dense.setColumns(a, 0, dense.fromValues(1, 1, Float64Array.of(1))),
      () => dense.fromValues(2, 2, Float64Array.of(1)),
      () => dense.zeros(-1, 2),
      () => dense.hadamard(12, 0n),
      () => dense.normal(2, 2, -1n),
      () => dense.normal(2, 2, 2n ** 64n),
      () => dense.svd(a, [{ from: 0, to: 3 }]),
      () => dense.polar(a),
      () => dense.keepWhere(a, b, { kind: 'largest', by: a, share: 0.5, complement: false }),
      () => dense.keepWhere(a, b, { kind: 'random', seed: 1n, share: 1.5, complement: false }),
      () => dense.norm(gone),
      () => dense.values(gone),
      () => dense.norm(foreign),
    ];
    const codes = await Promise.all(actions.map(codeOf));
    expect(codes).toEqual(actions.map(() => 'invalid-argument'));
  });

  it('fail out-of-memory where nothing could hold the matrix', async () => {
    expect(await codeOf(() => dense.zeros(2 ** 24, 2 ** 24))).toBe('out-of-memory');
  });
});

describe('cancelling', () => {
  it('ends a job before and while it runs, and frees what it made', async () => {
    expect(await codeOf(() => dense.normal(4, 4, 1n, { signal: AbortSignal.abort() }))).toBe('cancelled');
    using a = await dense.normal(700, 700, 1n);
    for (const job of [
      (signal: AbortSignal) => dense.svd(a, [{ from: 0, to: 700 }], { signal }),
      (signal: AbortSignal) => dense.haar(1500, 1n, { signal }),
    ]) {
      const controller = new AbortController();
      const failed = codeOf(() => job(controller.signal));
      setTimeout(() => {
        controller.abort();
      }, 20);
      expect(await failed).toBe('cancelled');
    }
    await kernels.whenIdle();
    expect(kernels.activeJobs).toBe(0);
  });

  it('releases a matrix whose job ended when nobody wanted it any more', async () => {
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const promise = codeOf(() => dense.zeros(2048, 2048, { signal: controller.signal }));
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await promise;
    }
    await kernels.whenIdle();
    // Twenty of them would be 640 MiB.
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  });
});

it('a disposed matrix gives its memory back', async () => {
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 30; i++) (await dense.zeros(2048, 2048))[Symbol.dispose]();
  // Thirty of them would be 960 MiB.
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
});
