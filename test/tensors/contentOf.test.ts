import { describe, expect, it } from 'vitest';
import { isComputable, type Derivation, type TensorInfo } from '../../src-main/contract/checkpoint.ts';
import { placeOf } from '../../src-main/contract/placeOf.ts';
import { contentOf } from '../../src-main/tensors/contentOf.ts';

const stored = (file: string, shape: number[], dtype = 'BF16'): TensorInfo => ({
  name: 'w',
  dtype,
  shape,
  file,
  offset: 8,
  bytes: 0,
});

const of = stored('/w', [8, 6]);
const up = stored('/up', [8, 2]);
const down = stored('/down', [2, 6]);
const axis = (size: number, stride: number) => ({ sizes: [size], strides: [stride] });
const made = (derived: Derivation, shape = [8, 6]): TensorInfo => ({ ...of, shape, derived });

const scaled = { kind: 'scaled', of, scale: stored('/scale', [2, 2]), block: [4, 4] } as const;
const lowRank = { kind: 'low-rank', base: of, up, down, factor: 2, transposed: false } as const;
const strided = { kind: 'strided', of, start: 6, rows: axis(2, 12), cols: axis(6, 1) } as const;

/** All different tensors. */
const DIFFERENT: readonly TensorInfo[] = [
  of,
  { ...of, offset: 9 },
  { ...of, dtype: 'F16' },
  { ...of, shape: [6, 8] },
  made(scaled as Derivation),
  made({ ...scaled, block: [4, 3] }),
  made({ ...scaled, block: [3, 4] }),
  made({ ...scaled, block: [4, 4], scale: stored('/scale', [2, 2], 'F32') }),
  made({ ...scaled, block: [4, 4], scale: stored('/other', [2, 2]) }),
  made({ ...scaled, block: [4, 4], of: { ...of, dtype: 'F16' } }),
  made(lowRank),
  made({ ...lowRank, factor: 1 }),
  made({ ...lowRank, transposed: true }),
  made({ ...lowRank, base: made(scaled as Derivation) }),
  made({ ...lowRank, up: down, down: up }),
  made(strided, [2, 6]),
  made(strided, [6, 2]),
  made({ ...strided, start: 0 }, [2, 6]),
  made({ ...strided, rows: axis(2, 6) }, [2, 6]),
  made({ ...strided, cols: { sizes: [3, 2], strides: [2, 1] } }, [2, 6]),
  made({ ...strided, cols: { sizes: [3, 2], strides: [1, 3] } }, [2, 6]),
];

const byFile = (tensor: TensorInfo) => Promise.resolve(`hash of ${tensor.file}${String(tensor.offset)}`);
const copy = (tensor: TensorInfo): TensorInfo => JSON.parse(JSON.stringify(tensor)) as TensorInfo;

describe('the place of a tensor', () => {
  it('is the same for the same elements only', () => {
    expect(new Set(DIFFERENT.map(placeOf)).size).toBe(DIFFERENT.length);
    expect(DIFFERENT.map(copy).map(placeOf)).toEqual(DIFFERENT.map(placeOf));
    expect(placeOf({ ...of, name: 'alias' })).toBe(placeOf(of));
  });
});

describe('the content of a tensor', () => {
  it('is the hash of a stored one, unchanged', async () => {
    expect(await contentOf(of, byFile)).toBe('hash of /w8');
  });

  it('tells derived ones apart by parts and parameters, wherever the parts lie', async () => {
    const derived = DIFFERENT.filter((tensor) => tensor.derived);
    const contents = await Promise.all(derived.map((tensor) => contentOf(tensor, byFile)));
    expect(new Set(contents).size).toBe(derived.length);
    expect(contents.every((content) => /^[0-9a-f]{32}$/.test(content))).toBe(true);
    const same = () => Promise.resolve('the same bytes');
    const moved = made({ ...lowRank, base: stored('/elsewhere', [8, 6]) });
    expect(await contentOf(moved, same)).toBe(await contentOf(made(lowRank), same));
  });

  it('asks for every stored part, and fails as the asking does', async () => {
    const asked: string[] = [];
    await contentOf(made({ ...lowRank, base: made(scaled as Derivation) }), (tensor) => {
      asked.push(tensor.file);
      return Promise.resolve('');
    });
    expect(asked).toEqual(['/w', '/scale', '/up', '/down']);
    const failing = () => Promise.reject(new Error('unreadable'));
    await expect(contentOf(made(lowRank), failing)).rejects.toThrow('unreadable');
  });
});

describe('block types', () => {
  const blocks = (dtype: string, shape: number[], bytes: number) => ({
    ...stored('/w', shape, dtype),
    bytes,
  });

  it('are computable where rows are whole blocks and the bytes are theirs', () => {
    expect(isComputable(blocks('Q4_K', [3, 512], 6 * 144))).toBe(true);
    expect(isComputable(blocks('Q8_0', [32], 34))).toBe(true);
    expect(isComputable(blocks('Q4_K', [512, 3], 6 * 144))).toBe(false);
    expect(isComputable(blocks('Q4_K', [3, 512], 6 * 144 - 1))).toBe(false);
    expect(isComputable(blocks('IQ4_XS', [3, 512], 6 * 136))).toBe(false);
    expect(isComputable(blocks('toString', [3, 512], 6 * 144))).toBe(false);
    expect(isComputable(blocks('F8_E5M2', [3, 512], 3 * 512))).toBe(true);
  });
});
