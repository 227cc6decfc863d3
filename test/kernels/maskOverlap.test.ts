import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import type { MaskOverlapRequest } from '../../src-main/kernels/requests.ts';
import { temporaryFolder, writeMatrix, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const kernels = new Kernels();
const at = (name: string) => join(folder.path, name);
const method = 'gram_f64';

afterAll(async () => {
  await kernels.whenIdle();
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

// Rank 1 and one small entry more: the principal part of rank 1 is 4, 4, 2, 2 in its corner.
// prettier-ignore
const reference = () => writeMatrix(at('w'), 'BF16', [[4, 4, 0], [2, 2, 0], [0, 0, 0.125]]);

describe('mask overlap', () => {
  it('agrees with a computation by hand', async () => {
    // prettier-ignore
    const variant = writeMatrix(at('v'), 'F32', [[4.5, 4, 0.25], [2, 2, 0], [0, -0, 0.125]]);
    const w = reference();
    using frame = await kernels.svd({ method, tensor: w, top: 1, bottom: 0 });
    // Two of nine: the fours of the corner, and the first two zeros.
    const request = { frame, k: 1, reference: w, variant, share: 2 / 9, seed: 5 };
    const found = await kernels.maskOverlap(request);
    expect(found).toMatchObject({ n: 9, update: 2 });
    expect(found.principal).toMatchObject({ size: 2, overlap: 1 });
    expect(found.low).toMatchObject({ size: 2, overlap: 1 });
    expect(found.principalNotLow).toEqual(found.principal);
    // 4, 4 of exponent 2; 2, 2 of 1; 0.125 of -3; four zeros. The mask of small weights holds two zeros.
    expect([129, 128, 124, 0].map((e) => found.exponents[e])).toEqual([2, 2, 1, 4]);
    expect(found.principal.exponents[129]).toBe(2);
    expect(found.low.exponents[0]).toBe(2);
    expect(found.low.exponents.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(found.nullUpdate).toBeGreaterThanOrEqual(1);
    expect(found.nullUpdate).toBeLessThanOrEqual(2);
    expect(kernels.maskOverlapBytes({ reference: w, k: 1 })).toBeGreaterThan(9 * 4);
  });

  it('is the same for any number of threads; another seed changes the null alone', async () => {
    const w = writeRandom(at('random-w'), 'F32', [300, 170], 1);
    const variant = writeRandom(at('random-v'), 'BF16', [300, 170], 2);
    const run = async (threads: number, seed: number) => {
      await kernels.whenIdle();
      kernels.configure(threads);
      using frame = await kernels.svd({ method, tensor: w, top: 8, bottom: 0 });
      return await kernels.maskOverlap({ frame, k: 8, reference: w, variant, share: 0.3, seed });
    };
    const [one, two, other] = [await run(1, 7), await run(2, 7), await run(2, 8)];
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
    const { size, overlap } = one.principal;
    expect([other.update, other.principal.size, other.principal.overlap]).toEqual([
      one.update,
      size,
      overlap,
    ]);
  });

  it('refuses what contradicts itself, and can be cancelled', async () => {
    const w = reference();
    using frame = await kernels.svd({ method, tensor: w, top: 2, bottom: 0 });
    const good: MaskOverlapRequest = { frame, k: 2, reference: w, variant: w, share: 0.5, seed: 0 };
    const wrong: Partial<MaskOverlapRequest>[] = [
      { k: 0 },
      { k: 3 },
      { share: 1.5 },
      { share: -0.5 },
      { share: NaN },
      { seed: -1 },
      { seed: 2 ** 53 },
      { variant: writeRandom(at('shape'), 'F32', [3, 4], 1) },
    ];
    for (const part of wrong) {
      const run = kernels.maskOverlap({ ...good, ...part });
      await expect(run, JSON.stringify(part)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
    const poisoned = writeMatrix(at('nan'), 'F32', [
      [4, 4, 0],
      [2, 2, NaN],
      [0, 0, 0],
    ]);
    const notFinite = kernels.maskOverlap({ ...good, variant: poisoned });
    await expect(notFinite).rejects.toMatchObject({ code: 'not-finite' });
    const cancelled = kernels.maskOverlap(good, { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    frame[Symbol.dispose]();
    await expect(kernels.maskOverlap(good)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
