import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PlainDtype } from '../../src-main/contract/checkpoint.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import type { TensorSource } from '../../src-main/tensors/tensorSource.ts';
import { temporaryFolder, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const kernels = new Kernels();
const { dense } = kernels;
let files = 0;

afterAll(async () => {
  await kernels.whenIdle();
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

function file(bytes: Uint8Array | string = ''): string {
  const path = join(folder.path, String(files++));
  writeFileSync(path, bytes);
  return path;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof PolarimeterError ? error.code : String(error);
}

/** Written by the engine of JavaScript, nearest even; bfloat16 by the definition of its neighbours. */
const BYTES: Partial<Record<PlainDtype, (values: Float64Array) => Uint8Array>> = {
  F64: (values) => new Uint8Array(values.buffer),
  F32: (values) => new Uint8Array(Float32Array.from(values).buffer),
  F16: (values) => {
    const view = new DataView(new ArrayBuffer(2 * values.length));
    values.forEach((x, i) => {
      view.setFloat16(2 * i, x, true);
    });
    return new Uint8Array(view.buffer);
  },
  BF16: (values) => new Uint8Array(Uint16Array.from(values, bf16).buffer),
};

const float = (code: number) => new Float32Array(Uint32Array.of(code * 65536).buffer)[0] ?? NaN;

/** The nearer of two neighbours that enclose the value, of equally near ones that with an even code. */
function bf16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  let below = (new Uint32Array(Float32Array.of(size).buffer)[0] ?? 0) >>> 16;
  if (float(below) > size) below -= 1;
  const [down, up] = [size - float(below), float(below + 1) - size];
  return sign | (down < up || (down === up && below % 2 === 0) ? below : below + 1);
}

const numbers = async (rows: number, cols: number, seed: bigint): Promise<Float64Array> => {
  using made = await dense.normal(rows, cols, seed);
  return dense.values(made);
};

describe('writing', () => {
  it.each(['F64', 'F32', 'F16', 'BF16'] as const)(
    '%s: rounds as it should, to where it should',
    async (dtype) => {
      const values = await numbers(321, 513, 1n);
      values.forEach((x, i) => (values[i] = x * 2 ** ((i % 37) - 25)));
      using a = dense.fromValues(321, 513, values);
      const expected = BYTES[dtype]?.(values) ?? new Uint8Array();
      const path = file(`before${' '.repeat(expected.length)}after`);
      const written = await dense.write(a, { path, offset: 6, dtype });
      expect(written).toMatchObject({ bytes: expected.length, overflowed: 0, notFinite: 0 });
      const content = readFileSync(path);
      expect(content.subarray(6, -5).equals(expected)).toBe(true);
      expect([content.toString('latin1', 0, 6), content.toString('latin1', content.length - 5)]).toEqual([
        'before',
        'after',
      ]);
      const source: TensorSource = { name: 'w', path, offset: 6, dtype, rows: 321, cols: 513 };
      using back = await dense.read(source);
      await dense.add(back, -1, a);
      const rounding = await dense.norm(back);
      expect(Math.abs(written.rounding - rounding)).toBeLessThanOrEqual(1e-12 * rounding);
    },
  );

  it('counts what does not fit, and what was not finite before', async () => {
    using a = dense.fromValues(1, 5, Float64Array.of(70000, -1e39, NaN, -Infinity, 65519));
    const path = file();
    expect(await dense.write(a, { path, offset: 0, dtype: 'F16' })).toMatchObject({
      overflowed: 2,
      notFinite: 2,
      rounding: 15,
    });
    using b = dense.fromValues(1, 3, Float64Array.of(465, 464, -1000));
    expect(await dense.write(b, { path, offset: 0, dtype: 'F8_E4M3' })).toMatchObject({
      overflowed: 2,
      rounding: 16,
    });
    expect([...readFileSync(path).subarray(0, 3)]).toEqual([0x7f, 0x7e, 0xff]);
  });
});

describe('converting', () => {
  it('copies bytes of one type, whatever they mean', async () => {
    const codes = Uint16Array.from({ length: 4096 }, (_, i) => 0x7f00 + i);
    for (const dtype of ['BF16', 'F16'] as const) {
      const source: TensorSource = {
        name: 'w',
        path: file(new Uint8Array(codes.buffer)),
        offset: 0,
        dtype,
        rows: 64,
        cols: 64,
      };
      const path = file();
      const written = await dense.convert(source, { path, offset: 0, dtype });
      expect(readFileSync(path).equals(new Uint8Array(codes.buffer))).toBe(true);
      expect(written).toMatchObject({ bytes: 8192, rounding: 0, overflowed: 0 });
    }
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (const dtype of ['F8_E4M3', 'F8_E5M2'] as const) {
      const path = file();
      await dense.convert(
        { name: 'w', path: file(all), offset: 0, dtype, rows: 16, cols: 16 },
        { path, offset: 0, dtype },
      );
      expect(readFileSync(path).equals(all)).toBe(true);
    }
  });

  it('rounds what is of another type, or derived', async () => {
    const source = writeRandom(file(), 'F32', [100, 200], 5);
    const values = Float64Array.from(new Float32Array(new Uint8Array(readFileSync(source.path)).buffer));
    const path = file();
    await dense.convert(source, { path, offset: 0, dtype: 'BF16' });
    expect(readFileSync(path).equals(BYTES.BF16?.(values) ?? new Uint8Array())).toBe(true);
    const scale = writeRandom(file(), 'F32', [1, 1], 6);
    const factor = new Float32Array(new Uint8Array(readFileSync(scale.path)).buffer)[0] ?? NaN;
    const derived: TensorSource = {
      name: 'scaled',
      rows: 100,
      cols: 200,
      derived: { kind: 'scaled', of: source, scale, block: [100, 200] },
    };
    await dense.convert(derived, { path, offset: 0, dtype: 'BF16' });
    expect(readFileSync(path).equals(BYTES.BF16?.(values.map((x) => x * factor)) ?? new Uint8Array())).toBe(
      true,
    );
  });
});

describe('failures', () => {
  it('file-open: a file that is not there, and a folder', async () => {
    using a = dense.fromValues(1, 1, Float64Array.of(1));
    for (const path of [join(folder.path, 'nowhere'), folder.path]) {
      expect(await codeOf(dense.write(a, { path, offset: 0, dtype: 'F32' }))).toBe('file-open');
    }
  });

  it('file-changed, path-not-found: the source', async () => {
    const source = writeRandom(file(), 'F32', [300, 300], 1);
    const to = { path: file(), offset: 0, dtype: 'BF16' } as const;
    using lease = kernels.files.acquire(source.path);
    appendFileSync(lease.path, 'more');
    expect(await codeOf(dense.convert(source, to))).toBe('file-changed');
    expect(await codeOf(dense.read(source))).toBe('file-changed');
    expect(await codeOf(dense.read({ ...source, path: '/nowhere/w' }))).toBe('path-not-found');
    const short = writeRandom(file(), 'F32', [30, 30], 1);
    truncateSync(short.path, 100);
    expect(await codeOf(dense.convert(short, to))).toBe('file-too-short');
  });

  it('write-failed: a file that the system lets grow no further', () => {
    const script = `
      import { Kernels } from './src-main/kernels/Kernels.ts';
      const { dense } = new Kernels();
      const to = { path: process.argv[1], offset: 0, dtype: 'F32' };
      const error = await dense.write(await dense.zeros(300, 300), to).catch((error) => error);
      console.log(error.code, error.where === to.path);
    `;
    const limited = [
      '-c',
      'ulimit -f 64; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ];
    expect(execFileSync('sh', [...limited, file()], { encoding: 'utf8' }).trim()).toBe('write-failed true');
  });

  const mounted = mount();
  it.skipIf(mounted === null)('disk-full: a disk of 64 kB (needs the right to mount one)', async () => {
    try {
      using a = await dense.zeros(300, 300);
      const path = join(mounted ?? '', 'small');
      writeFileSync(path, '');
      expect(await codeOf(dense.write(a, { path, offset: 0, dtype: 'F32' }))).toBe('disk-full');
      expect(
        await codeOf(
          dense.convert(writeRandom(file(), 'F32', [300, 300], 1), { path, offset: 0, dtype: 'F32' }),
        ),
      ).toBe('disk-full');
    } finally {
      execFileSync('umount', [mounted ?? '']);
    }
  });
});

/** A disk of 64 kB, or null where none can be made. */
function mount(): string | null {
  const path = join(folder.path, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    return null;
  }
}
