import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { loadAddon } from '../../src-main/kernels/loadAddon.ts';
import { temporaryFolder, writeMatrix, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const addon = loadAddon();
const kernels = new Kernels({ addon, threads: 1 });
const at = (name: string): string => join(folder.path, name);

afterEach(() => kernels.whenIdle());
afterAll(() => {
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

// One bf16 step at 1 is 2^-7, at 2 it is 2^-6.
// prettier-ignore
const reference = writeMatrix(at('reference'), 'BF16', [[1, 2, 0], [-1, 4, Number.NaN]]);
// prettier-ignore
const one = writeMatrix(at('one'), 'BF16', [[1 + 2 ** -6, 2, -0], [-1 - 2 ** -7, 2, 1]]);
// prettier-ignore
const two = writeMatrix(at('two'), 'F32', [[1, 2 + 2 ** -6, 0], [-1, 4, 1]]);
const whole = { reference, variants: [one], level: 0, row: 0, col: 0, rows: 2, cols: 3 };
const signed = (pixels: Uint8Array<ArrayBuffer>): number[] => [...new Int8Array(pixels.buffer)];

describe('change tiles', () => {
  it('agree with a computation by hand', async () => {
    const steps = await kernels.changeTile({ ...whole, reduce: 'steps' });
    expect({ rows: steps.rows, cols: steps.cols, bytes: steps.bytes }).toEqual({
      rows: 2,
      cols: 3,
      bytes: 24,
    });
    expect(signed(steps.pixels)).toEqual([2, 0, 0, -1, -127, -128]);
    const density = await kernels.changeTile({ ...whole, reduce: 'density', level: 1 });
    expect([...density.pixels]).toEqual([Math.round((255 * 3) / 4), 0]);
    const direction = await kernels.changeTile({ ...whole, reduce: 'direction', level: 1 });
    expect(signed(direction.pixels)).toEqual([-42, -128]);
    const consensus = await kernels.changeTile({ ...whole, variants: [one, two], reduce: 'consensus' });
    expect([...consensus.pixels]).toEqual([128, 128, 0, 128, 128, 0]);
  });

  it('of a region begin at its first weight', async () => {
    const region = { ...whole, reduce: 'steps' as const, row: 1, col: 1, rows: 1, cols: 2 };
    expect(signed((await kernels.changeTile(region)).pixels)).toEqual([-127, -128]);
  });

  it('are refused with words', async () => {
    const call = (wrong: object) => kernels.changeTile({ ...whole, reduce: 'steps', ...wrong });
    for (const [wrong, message] of [
      [
        { reduce: 'mean' },
        '"steps" or "density" or "direction" or "consensus" for `reduce` but received "mean"',
      ],
      [{ level: 25 }, 'an integer from 0 to 24 for `level` but received 25'],
      [{ row: 2 }, 'an integer from 0 to 1 for `row` but received 2'],
      [{ cols: 4 }, 'an integer from 1 to 3 for `cols` but received 4'],
      [{ col: 1, cols: 3 }, 'an integer from 1 to 2 for `cols` but received 3'],
      [{ isa: 'sse' }, '"scalar" or "avx2" or "avx512" for `isa` but received "sse"'],
      [{ variants: [] }, 'an array of 1 to 64 items for `variants` but received an array of 0'],
    ] as const) {
      await expect(call(wrong)).rejects.toMatchObject({
        code: 'invalid-argument',
        where: 'w',
        message: `expected ${message}`,
      });
    }
    await expect(call({ variants: [one, two] })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'change_tile: only consensus takes several variants.',
    });
    const other = writeMatrix(at('other'), 'F32', [[1]]);
    await expect(call({ variants: [other] })).rejects.toMatchObject({
      message: 'change_tile: every variant must have the shape of the reference.',
    });
  });
});

describe('step histograms and single weights', () => {
  it('agree with a computation by hand', async () => {
    const { up, down, invalid } = await kernels.stepHistogram({ reference, variant: one });
    const found = (side: typeof up): number[][] =>
      side.flatMap((bins, exponent) => bins.flatMap((n, bin) => (n === 0 ? [] : [[exponent, bin, n]])));
    // Unchanged: a zero and a two. Up: one by 2 steps. Down: one by 1 step, four by 128.
    expect(found(up)).toEqual([
      [0, 0, 1],
      [127, 2, 1],
      [128, 0, 1],
    ]);
    expect(found(down)).toEqual([
      [127, 1, 1],
      [129, 8, 1],
    ]);
    expect(invalid).toBe(1);
  });

  it('are what is stored, with their steps', async () => {
    const {
      reference: w,
      variants,
      steps,
    } = await kernels.weightsAt({ reference, variants: [one, two], row: 0, col: 0 });
    expect({ w, variants: [...variants], steps }).toEqual({
      w: 1,
      variants: [1 + 2 ** -6, 1],
      steps: [2, 0],
    });
    const invalid = await kernels.weightsAt({ reference, variants: [one], row: 1, col: 2 });
    expect(invalid.reference).toBeNaN();
    expect(invalid.steps).toEqual([null]);
    const outside = kernels.weightsAt({ reference, variants: [one], row: 0, col: 3 });
    await expect(outside).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'expected an integer from 0 to 2 for `col` but received 3',
    });
  });
});

describe('what a page asks for', () => {
  const long = {
    method: 'direct_f64' as const,
    tensor: writeRandom(at('long'), 'F32', [700, 700], 1),
    top: 9,
    bottom: 0,
  };

  it('is answered while a decomposition holds the pool', async () => {
    const ended: string[] = [];
    const decomposition = kernels.svd(long).then((svd) => {
      ended.push('svd');
      svd[Symbol.dispose]();
    });
    await Promise.all([
      kernels.changeTile({ ...whole, reduce: 'steps' }).then(() => ended.push('tile')),
      kernels.stepHistogram({ reference, variant: one }).then(() => ended.push('steps')),
      kernels.weightsAt({ reference, variants: [one], row: 0, col: 0 }).then(() => ended.push('weight')),
    ]);
    expect(ended).not.toContain('svd');
    await decomposition;
  });

  it('ends when it is aborted, and gives its files back', async () => {
    const abort = new AbortController();
    const tensor = writeRandom(at('wide'), 'F32', [2000, 2000], 5);
    const [rows, cols] = [tensor.rows, tensor.cols];
    const request = { ...whole, reference: tensor, variants: [tensor], rows, cols, level: 3 };
    const tile = kernels.changeTile({ ...request, reduce: 'density' }, { signal: abort.signal });
    abort.abort();
    await expect(tile).rejects.toMatchObject({ code: 'cancelled' });
    await kernels.whenIdle();
    expect(kernels.files.openFiles).toBe(0);
  });
});
