import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { loadAddon } from '../../src-main/kernels/loadAddon.ts';
import type { RawTensorView } from '../../src-main/kernels/raw.ts';
import type { DerivedSource, SourceDerivation, StoredSource } from '../../src-main/tensors/tensorSource.ts';
import { temporaryFolder, writeMatrix } from './tensorFile.ts';

const folder = temporaryFolder();
const kernels = new Kernels();
const at = (name: string) => join(folder.path, name);

afterAll(async () => {
  await kernels.whenIdle();
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

type Rows = readonly (readonly number[])[];

const derive = (derived: SourceDerivation, rows: number, cols: number): DerivedSource => ({
  name: 'derived',
  derived,
  rows,
  cols,
});
const axis = (size: number, stride: number) => ({ sizes: [size], strides: [stride] });

function writeBytes(
  name: string,
  bytes: readonly number[],
  shape: Pick<StoredSource, 'dtype' | 'rows' | 'cols'>,
) {
  writeFileSync(at(name), Uint8Array.from(bytes));
  return { name, path: at(name), offset: 0, ...shape };
}

let files = 0;
const write = (rows: Rows) => writeMatrix(at(`m${String(++files)}`), 'F32', rows);

/** Whether a tensor has exactly these elements. */
async function holds(tensor: StoredSource | DerivedSource, rows: Rows): Promise<boolean> {
  const expected = writeMatrix(at(`expected${String(++files)}`), 'F64', rows);
  const { pairs } = await kernels.elementPass({ reference: expected, variants: [tensor] });
  return pairs[0]?.unchangedNative === rows.flat().length && pairs[0].maxAbsUpdate === 0;
}

// 1, -2, 448, 0.5 in E4M3; 1, -2, 57344, 0.5 in E5M2.
const E4M3 = [0x38, 0xc0, 0x7e, 0x30];
const E5M2 = [0x3c, 0xc0, 0x7b, 0x38];

describe('stored encodings', () => {
  it('are read as the values that they stand for', async () => {
    const e4m3 = writeBytes('e4m3', E4M3, { dtype: 'F8_E4M3', rows: 2, cols: 2 });
    const e5m2 = writeBytes('e5m2', E5M2, { dtype: 'F8_E5M2', rows: 1, cols: 4 });
    expect(
      await holds(e4m3, [
        [1, -2],
        [448, 0.5],
      ]),
    ).toBe(true);
    expect(await holds(e5m2, [[1, -2, 57344, 0.5]])).toBe(true);
    // 0.5, and the bytes -16 to 15
    const codes = Array.from({ length: 32 }, (_, i) => i - 16);
    const q8 = writeBytes('q8', [0x00, 0x38, ...codes.map((code) => code & 255)], {
      dtype: 'Q8_0',
      rows: 1,
      cols: 32,
    });
    expect(await holds(q8, [codes.map((code) => code / 2)])).toBe(true);
  });

  it('are identified by their stored bytes', async () => {
    const codes = writeBytes('codes', E4M3, { dtype: 'F8_E4M3', rows: 2, cols: 2 });
    const words = { ...codes, dtype: 'BF16' as const, rows: 1 };
    expect(await kernels.contentHash(codes)).toBe(await kernels.contentHash(words));
  });

  it('must be whole blocks inside their file', async () => {
    const q8 = writeBytes('short', Array<number>(34).fill(0), { dtype: 'Q8_0', rows: 1, cols: 32 });
    await expect(kernels.byteSum([{ ...q8, rows: 32, cols: 1 }])).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(kernels.byteSum([{ ...q8, rows: 2 }])).rejects.toMatchObject({ code: 'file-too-short' });
  });
});

describe('derived tensors', () => {
  // prettier-ignore
  const base = () => write([[1, 2, 3, 4], [5, 6, 7, 8]]);

  it('of every kind, and of each other, have the elements of their definition', async () => {
    const of = writeBytes('fp8', E4M3, { dtype: 'F8_E4M3', rows: 2, cols: 2 });
    const scaled = derive({ kind: 'scaled', of, scale: write([[3], [0.1]]), block: [1, 2] }, 2, 2);
    // prettier-ignore
    expect(await holds(scaled, [[3, -6], [448 * Math.fround(0.1), 0.5 * Math.fround(0.1)]])).toBe(true);

    const [up, down] = [write([[1], [2]]), write([[1, 0, -1, 0.5]])];
    const lowRank = { kind: 'low-rank', base: base(), up, down, factor: 2, transposed: false } as const;
    // prettier-ignore
    expect(await holds(derive(lowRank, 2, 4), [[3, 2, 1, 5], [9, 6, 3, 10]])).toBe(true);

    const transposed = { kind: 'strided', of: base(), start: 1, rows: axis(3, 1), cols: axis(2, 4) } as const;
    // prettier-ignore
    const turned = [[2, 6], [3, 7], [4, 8]];
    expect(await holds(derive(transposed, 3, 2), turned)).toBe(true);
    const [tall, wide] = [write([[1], [0]]), write([[1, 1, 1]])];
    const nested = derive(
      {
        kind: 'low-rank',
        base: derive(transposed, 3, 2),
        up: tall,
        down: wide,
        factor: -1,
        transposed: true,
      },
      3,
      2,
    );
    expect(
      await holds(
        nested,
        turned.map(([a = 0, b = 0]) => [a - 1, b]),
      ),
    ).toBe(true);
  });

  it('are decomposed like the matrix that they stand for', async () => {
    // prettier-ignore
    const diagonal = write([[0, 2, 0], [0, 0, 1], [3, 0, 0]]);
    const [up, down] = [write([[0], [0], [1]]), write([[1, 0, 0]])];
    const tensor = derive({ kind: 'low-rank', base: diagonal, up, down, factor: 2, transposed: false }, 3, 3);
    using svd = await kernels.svd({ method: 'direct_f64', tensor, top: 1, bottom: 0 });
    const largest = Math.max(...svd.sigma.map((value, i) => Math.abs(value - [5, 2, 1][i]!)));
    expect(largest).toBeLessThan(64 * 2 ** -52);
    using update = await kernels.svd({ method: 'gram_f64', tensor, minus: diagonal, top: 0, bottom: 0 });
    expect(update.sigma[0]).toBe(2);
    expect(kernels.svdBytes({ method: 'gram_f64', tensor, top: 1, bottom: 0 })).toBeGreaterThan(
      kernels.svdBytes({ method: 'gram_f64', tensor: diagonal, top: 1, bottom: 0 }),
    );
  });

  it('have no bytes of their own to hash', async () => {
    const slice = derive({ kind: 'strided', of: base(), start: 0, rows: axis(4, 1), cols: axis(2, 4) }, 4, 2);
    await expect(kernels.contentHash(slice)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('are refused with words where their parts do not fit', async () => {
    const refused = async (derived: SourceDerivation, shape: [number, number], words: string) => {
      await expect(kernels.byteSum([derive(derived, ...shape)])).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.stringContaining(words) as string,
      });
    };
    const of = base();
    await refused({ kind: 'scaled', of, scale: of, block: [1, 1] }, [3, 4], 'a shape of 8 elements');
    await refused(
      { kind: 'scaled', of, scale: write([[1]]), block: [1, 4] },
      [2, 4],
      'needs scales of 2 x 1',
    );
    await refused(
      { kind: 'strided', of, start: 1, rows: axis(2, 4), cols: axis(4, 1) },
      [2, 4],
      'needs element 8',
    );
    const factors = { up: of, down: of, factor: 1, transposed: false } as const;
    await refused({ kind: 'low-rank', base: of, ...factors }, [2, 4], 'cannot have the factors');
    await refused(
      { kind: 'low-rank', base: of, ...factors, factor: Number.NaN },
      [2, 4],
      'finite number for `views[0].derived.factor`',
    );
    let deep: StoredSource | DerivedSource = of;
    const scale = write([[1]]);
    for (let i = 0; i < 20; ++i) deep = derive({ kind: 'scaled', of: deep, scale, block: [2, 4] }, 2, 4);
    await expect(kernels.byteSum([deep])).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('keep every file behind them open while an operation runs, and notice a change of any', async () => {
    const [of, scale] = [base(), write([[2]])];
    using ofLease = kernels.files.acquire(of.path);
    using scaleLease = kernels.files.acquire(scale.path);
    expect([ofLease.path, scaleLease.path]).toEqual([of.path, scale.path]);
    const tensor = derive({ kind: 'scaled', of, scale, block: [2, 4] }, 2, 4);
    await kernels.byteSum([tensor]);
    appendFileSync(scale.path, 'more');
    await expect(kernels.byteSum([tensor])).rejects.toMatchObject({ code: 'file-changed' });
  });

  it('that contain themselves, or of an unknown kind, are refused by the addon', () => {
    const addon = loadAddon();
    const cycle = { rows: 1, cols: 1 } as { derived?: unknown; rows: number; cols: number };
    cycle.derived = {
      kind: 'strided',
      of: cycle,
      start: 0,
      rows: { sizes: [], strides: [] },
      cols: { sizes: [], strides: [] },
    };
    expect(() => addon.start_content_hash({ w: cycle as RawTensorView }, () => undefined)).toThrow(
      'at most 8 derivations on top of each other',
    );
    const unknown = { derived: { kind: 'unknown' }, rows: 1, cols: 1 } as never;
    expect(() => addon.start_content_hash({ w: unknown }, () => undefined)).toThrow(
      'expected "scaled" or "low-rank" or "strided" for `w.derived.kind` but received "unknown"',
    );
  });
});
