import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sameBytes } from '../../src-main/tensors/sameBytes.ts';
import type { TensorInfo } from '../../src-main/contract/checkpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'same-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function stored(name: string, bytes: readonly number[], dtype = 'BF16'): TensorInfo {
  const file = join(folder, name);
  writeFileSync(file, Uint8Array.from(bytes));
  return { name: 'w', dtype, shape: [1, bytes.length / 2], file, offset: 0, bytes: bytes.length };
}

const [a, b, other] = [stored('a', [1, 2, 3, 4]), stored('b', [1, 2, 3, 4]), stored('other', [1, 2, 3, 5])];
const scale = stored('scale', [0, 0, 128, 63], 'F32');

const scaled = (of: TensorInfo, block: [number, number] = [1, 2], by = scale): TensorInfo => ({
  ...of,
  derived: { kind: 'scaled', of, scale: by, block },
});

describe('same bytes', () => {
  it('are those of stored tensors', () => {
    expect(sameBytes(a, b)).toBe(true);
    expect(sameBytes(a, other)).toBe(false);
  });

  it('of derived tensors are those of all their parts, put together in the same way', () => {
    expect(sameBytes(scaled(a), scaled(b))).toBe(true);
    expect(sameBytes(scaled(a), scaled(other))).toBe(false);
    expect(sameBytes(scaled(a), scaled(b, [1, 1]))).toBe(false);
    expect(sameBytes(scaled(a), scaled({ ...b, dtype: 'F16' }))).toBe(false);
    expect(sameBytes(scaled(a), scaled(b, [1, 2], other))).toBe(false);
    expect(sameBytes(scaled(scaled(a)), scaled(scaled(b)))).toBe(true);
    expect(sameBytes(scaled(a), a)).toBe(false);
    expect(sameBytes(a, scaled(a))).toBe(false);
  });
});
