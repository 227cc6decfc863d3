import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredSource } from '../../src-main/tensors/tensorSource.ts';

type Dtype = StoredSource['dtype'];

/** A folder that goes away with `using`. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'polarimeter-'));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Writes a matrix as the only content of a file. BF16 keeps the high half of the float32: give it values that fit. */
export function writeMatrix(path: string, dtype: Dtype, rows: readonly (readonly number[])[]): StoredSource {
  const values = rows.flat();
  writeFileSync(path, encode(dtype, values));
  return { name: 'w', path, offset: 0, dtype, rows: rows.length, cols: rows[0]?.length ?? 0 };
}

/** A matrix of pseudo-random numbers in (-1, 1), the same for the same seed. */
export function writeRandom(
  path: string,
  dtype: Dtype,
  [rows, cols]: readonly [number, number],
  seed: number,
): StoredSource {
  let state = seed >>> 0;
  const values = Float64Array.from({ length: rows * cols }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  writeFileSync(path, encode(dtype, values));
  return { name: `random ${String(seed)}`, path, offset: 0, dtype, rows, cols };
}

function encode(dtype: Dtype, values: ArrayLike<number>): Uint8Array {
  if (dtype === 'F64') return new Uint8Array(Float64Array.from(values).buffer);
  const singles = Float32Array.from(values);
  if (dtype === 'F32') return new Uint8Array(singles.buffer);
  if (dtype === 'BF16') {
    return new Uint8Array(Uint16Array.from(new Uint32Array(singles.buffer), (bits) => bits >>> 16).buffer);
  }
  throw new Error('the tests write no F16 matrices');
}
