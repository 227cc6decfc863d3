import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { temporaryFolder, writeMatrix, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const kernels = new Kernels();
const at = (name: string) => join(folder.path, name);

afterAll(async () => {
  await kernels.whenIdle();
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

// prettier-ignore
const diagonal = [[3, 0, 0], [0, 2, 0], [0, 0, 1]];
const EPS = 2 ** -52;
/** Largest error of an angle or a unit vector that comes from one exact SVD of a small well-separated matrix. */
const TINY = 64 * EPS;

describe('content hash', () => {
  it('tells the same bytes from others', async () => {
    const a = writeRandom(at('hash-a'), 'F32', [300, 70], 1);
    const same = writeRandom(at('hash-b'), 'F32', [300, 70], 1);
    const other = writeRandom(at('hash-c'), 'F32', [300, 70], 2);
    const [hashA, hashSame, hashOther] = await Promise.all(
      [a, same, other].map((tensor) => kernels.contentHash(tensor)),
    );
    expect(hashA).toMatch(/^[0-9a-f]{32}$/);
    expect(hashSame).toBe(hashA);
    expect(hashOther).not.toBe(hashA);
  });
});

describe('byte sum', () => {
  it('adds 64-bit words', async () => {
    const tensor = writeRandom(at('sum'), 'F32', [64, 32], 3);
    const words = new BigUint64Array(new Uint8Array(readFileSync(tensor.path)).buffer);
    const expected = BigInt.asUintN(
      64,
      words.reduce((sum, word) => sum + word, 0n),
    );
    const { sum, bytes } = await kernels.byteSum([tensor]);
    expect({ sum, bytes }).toEqual({ sum: expected, bytes: 64 * 32 * 4 });
  });
});

describe('element pass', () => {
  // prettier-ignore
  const reference = () => writeMatrix(at('reference'), 'BF16', [[1, 2], [-3, 0.5]]);

  it('agrees with a computation by hand', async () => {
    // prettier-ignore
    const variant = writeMatrix(at('variant'), 'BF16', [[1, 2.5], [-3, Number.NaN]]);
    const request = {
      reference: reference(),
      variants: [variant],
      bf16Thresholds: [0.25, 0.5],
      profiles: true,
    };
    const { pairs, updateDots, bytes } = await kernels.elementPass(request);
    expect(pairs).toEqual([
      {
        n: 3,
        invalid: 1,
        unchangedBf16: 2,
        unchangedNative: 2,
        within: [2, 3],
        sumSqReference: 14,
        sumSqVariant: 16.25,
        sumSqUpdate: 0.25,
        dotReferenceUpdate: 1,
        maxAbsUpdate: 0.5,
        sumSqUlp: 2 ** -14 + 2 * 2 ** -12,
        steps: [2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], // from 2 to 2.5 it is 32 steps of 2^-6
        rowChanged: Uint32Array.of(1, 0),
        colChanged: Uint32Array.of(0, 1),
      },
    ]);
    expect(updateDots).toEqual(Float64Array.of(0.25));
    expect(bytes).toBe(16);
  });

  it('gives the dot products of updates of several variants', async () => {
    // prettier-ignore
    const a = writeMatrix(at('dots-a'), 'BF16', [[2, 2], [-3, 0.5]]);
    // prettier-ignore
    const b = writeMatrix(at('dots-b'), 'F32', [[3, 2], [-3, 1.5]]);
    const { updateDots, pairs } = await kernels.elementPass({ reference: reference(), variants: [a, b] });
    expect(updateDots).toEqual(Float64Array.of(1, 2, 2, 5));
    expect(pairs.map((pair) => pair.rowChanged.length)).toEqual([0, 0]);
  });

  it('counts how updates overlap, invalid elements apart', async () => {
    // prettier-ignore
    const a = writeMatrix(at('overlap-a'), 'BF16', [[2, 3], [-3, 0.5]]);
    // prettier-ignore
    const b = writeMatrix(at('overlap-b'), 'BF16', [[2, Number.NaN], [-4, 0.5]]);
    const request = { reference: reference(), variants: [a, b], overlaps: true };
    const { overlaps, consensus, validAll } = await kernels.elementPass(request);
    expect(overlaps).toEqual(Float64Array.of(2, 1, 1, 2));
    expect({ consensus, validAll }).toEqual({ consensus: [1, 1, 1], validAll: 3 });
    const without = await kernels.elementPass({ ...request, overlaps: false });
    expect([without.overlaps.length, without.consensus.length, without.validAll]).toEqual([0, 0, 0]);
    const single = kernels.elementPass({ ...request, variants: [a] });
    await expect(single).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('runs the implementation that is asked for, with the same counts', async () => {
    const a = writeRandom(at('isa-a'), 'BF16', [90, 210], 5);
    const b = writeRandom(at('isa-b'), 'BF16', [90, 210], 6);
    const { isas, isa } = kernels.capabilities();
    expect(isas).toContain(isa);
    const results = await Promise.all(
      isas.map((wanted) => kernels.elementPass({ reference: a, variants: [a, b], isa: wanted })),
    );
    expect(results.map((result) => result.isa)).toEqual(isas);
    for (const { pairs } of results)
      expect(pairs.map((pair) => pair.steps)).toEqual(results[0]?.pairs.map((p) => p.steps));
  });
});

describe('decompositions', () => {
  for (const method of ['gram_f64', 'direct_f64'] as const) {
    it(`${method} finds the singular values of a diagonal`, async () => {
      const tensor = writeMatrix(at(`diagonal-${method}`), 'F64', [...diagonal, [0, 0, 0]]);
      using svd = await kernels.svd({ method, tensor, top: 1, bottom: 1 });
      const { rows, cols, top, middle, bottom } = svd;
      expect({ method: svd.method, rows, cols, top, middle, bottom }).toEqual({
        method,
        rows: 4,
        cols: 3,
        top: 1,
        middle: 0,
        bottom: 1,
      });
      expect(svd.sigma.length).toBe(3);
      expect(Math.max(...svd.sigma.map((s, i) => Math.abs(s - (3 - i))))).toBeLessThan(TINY);
      expect(Math.max(svd.residual, svd.orthogonality, svd.traceError)).toBeLessThan(TINY);
      expect(svd.bytes).toBe(8 * (3 + 2 * (4 + 3)));
      expect(kernels.svdBytes({ method, tensor, top: 1, bottom: 1 })).toBeGreaterThanOrEqual(svd.bytes);
    });
  }

  it('hold the middle of the spectrum, all of it or none', async () => {
    const angle = 1e-3;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const method = 'gram_f64';
    const plain = writeMatrix(at('middle-a'), 'F64', diagonal);
    // Rows 2 and 3 rotated: the middle left vector turns, the right one and the top stay.
    // prettier-ignore
    const rotated = writeMatrix(at('middle-b'), 'F64', [[3, 0, 0], [0, 2 * c, -s], [0, 2 * s, c]]);
    using a = await kernels.svd({ method, tensor: plain, top: 1, bottom: 1, middle: 1 });
    using b = await kernels.svd({ method, tensor: rotated, top: 1, bottom: 1, middle: 1 });
    expect([a.top, a.middle, a.bottom, a.bytes]).toEqual([1, 1, 1, 8 * (3 + 3 * 6)]);
    const part = 'middle';
    const [left, right] = await Promise.all(
      (['left', 'right'] as const).map((side) => kernels.principalAngles({ a, b, side, part, k: 1 })),
    );
    expect(Math.abs((left?.[0] ?? NaN) - angle)).toBeLessThan(TINY);
    expect(right?.[0]).toBeLessThan(TINY);
    using whole = await kernels.svd({ method, tensor: plain, top: 0, bottom: 0, middle: 3 });
    const two = { a: whole, b: whole, side: 'left', part, k: 2 } as const;
    await expect(kernels.principalAngles(two)).rejects.toMatchObject({ code: 'invalid-argument' });
    using none = await kernels.svd({ method, tensor: plain, top: 1, bottom: 1 });
    const empty = { ...two, a: none, b: none, k: 1 };
    await expect(kernels.principalAngles(empty)).rejects.toMatchObject({ code: 'invalid-argument' });
    const overlapping = { method, tensor: plain, top: 2, bottom: 0, middle: 1 } as const;
    await expect(kernels.svd(overlapping)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('subtract in float64', async () => {
    const tensor = writeMatrix(at('minuend'), 'F64', diagonal);
    const minus = writeMatrix(
      at('subtrahend'),
      'F32',
      diagonal.map((row) => row.map((value) => value / 4)),
    );
    using svd = await kernels.svd({ method: 'direct_f64', tensor, minus, top: 0, bottom: 0 });
    expect(Math.max(...svd.sigma.map((s, i) => Math.abs(s - 0.75 * (3 - i))))).toBeLessThan(TINY);
  });

  it('give principal angles of the subspaces that are asked for', async () => {
    const angle = 1e-3;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    // Rows 1 and 3 rotated: the leading and the trailing left vector turn, the right ones stay.
    // prettier-ignore
    const rotated = [[3 * c, 0, -s], [0, 2, 0], [3 * s, 0, c]];
    const method = 'direct_f64';
    using a = await kernels.svd({ method, tensor: writeMatrix(at('a'), 'F64', diagonal), top: 1, bottom: 2 });
    using b = await kernels.svd({ method, tensor: writeMatrix(at('b'), 'F64', rotated), top: 1, bottom: 2 });
    const largest = async (side: 'left' | 'right', part: 'top' | 'bottom', k: number) =>
      Math.max(...(await kernels.principalAngles({ a, b, side, part, k })));
    expect(Math.abs((await largest('left', 'top', 1)) - angle)).toBeLessThan(TINY);
    expect(await largest('right', 'top', 1)).toBeLessThan(TINY);
    expect(Math.abs((await largest('left', 'bottom', 1)) - angle)).toBeLessThan(TINY);
    expect(await largest('right', 'bottom', 2)).toBeLessThan(TINY);
    expect(await kernels.principalAngles({ a, b, side: 'left', part: 'bottom', k: 2 })).toHaveLength(2);
  });

  it('give the energy of an update in their frame', async () => {
    const reference = writeMatrix(at('frame-w'), 'F64', diagonal);
    // prettier-ignore
    const update = [[0.5, 0.25, 2], [0, 0, 0], [0, 0, 1]];
    const moved = diagonal.map((row, i) => row.map((value, j) => value + (update[i]?.[j] ?? 0)));
    const variant = writeMatrix(at('frame-v'), 'F64', moved);
    using frame = await kernels.svd({ method: 'gram_f64', tensor: reference, top: 3, bottom: 0 });
    const energy = await kernels.frameEnergy({ frame, k: 2, reference, variant });
    const expected = { total: 5.3125, twoSided: 0.3125, diagonal: 0.25, left: 4.3125, right: 0.3125 };
    const { diagonalValues, ...squares } = energy;
    expect(Object.keys(squares).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) {
      expect(Math.abs(squares[name as keyof typeof squares] - value), name).toBeLessThan(8 * TINY);
    }
    expect(diagonalValues).toHaveLength(2);
    expect(Math.abs((diagonalValues[0] ?? NaN) - 0.5)).toBeLessThan(8 * TINY);
    expect(Math.abs(diagonalValues[1] ?? NaN)).toBeLessThan(8 * TINY);
  });

  it('are the same bits one after the other and all at once', async () => {
    const tensors = [1, 2, 3, 4, 5, 6].map((seed) =>
      writeRandom(at(`bits-${String(seed)}`), 'F32', [96, 60 + seed], seed),
    );
    const decompose = async (tensor: (typeof tensors)[number]) => {
      using svd = await kernels.svd({ method: 'gram_f64', tensor, top: 8, bottom: 4 });
      const { sigma, residual } = svd;
      const angles = await kernels.principalAngles({ a: svd, b: svd, side: 'right', part: 'top', k: 5 });
      return { sigma, residual, angles };
    };
    const serial = [];
    for (const tensor of tensors) serial.push(await decompose(tensor));
    expect(await Promise.all(tensors.map(decompose))).toEqual(serial);
  });

  it('tell the garbage collector what they hold: forgotten ones go before memory does', async () => {
    const tensor = writeRandom(at('tall'), 'F32', [40_000, 16], 9);
    const forgotten: WeakRef<object>[] = [];
    for (let i = 0; i < 40; ++i) {
      const svd = await kernels.svd({ method: 'gram_f64', tensor, top: 16, bottom: 0 });
      expect(svd.bytes).toBe(8 * (16 + 16 * (40_000 + 16)));
      forgotten.push(new WeakRef(svd));
      await nextTurn();
    }
    expect(forgotten.filter((svd) => svd.deref() === undefined).length).toBeGreaterThan(0);
  });

  it('are of no use after disposal', async () => {
    const tensor = writeMatrix(at('disposed'), 'F64', diagonal);
    const svd = await kernels.svd({ method: 'gram_f64', tensor, top: 1, bottom: 0 });
    svd[Symbol.dispose]();
    svd[Symbol.dispose]();
    const request = { a: svd, b: svd, side: 'left' as const, part: 'top' as const, k: 1 };
    await expect(kernels.principalAngles(request)).rejects.toMatchObject({ code: 'invalid-argument' });
    expect([svd.released, svd.sigma.length]).toEqual([true, 3]);
  });
});
