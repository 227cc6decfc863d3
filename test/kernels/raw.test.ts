import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PLAIN_DTYPES, QUANTIZED_DTYPES } from '../../src-main/contract/checkpoint.ts';
import { loadAddon } from '../../src-main/kernels/loadAddon.ts';
import type { FileHandle, JobEnd, RawSvdResult } from '../../src-main/kernels/raw.ts';
import { temporaryFolder, writeMatrix } from './tensorFile.ts';

const addon = loadAddon();
const folder = temporaryFolder();
const { path } = writeMatrix(join(folder.path, 'w'), 'F32', [
  [2, 0],
  [0, 1],
]);

afterAll(() => {
  folder[Symbol.dispose]();
});

const ignore = () => undefined;
const open = () => addon.open_file(path, 'auto');
const view = (file: FileHandle) => ({ file, offset: 0, dtype: 'F32' as const, rows: 2, cols: 2 });
const svdRequest = () => ({ method: 'gram_f64' as const, w: view(open()), top: 1, bottom: 0 });

function decompose(): Promise<RawSvdResult> {
  return new Promise((resolve, reject) => {
    addon.start_svd(svdRequest(), (end: JobEnd<RawSvdResult>) => {
      if (end.status === 'ok') resolve(end.result);
      else reject(new Error(JSON.stringify(end)));
    });
  });
}

function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'invalid-argument' });
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe('arguments', () => {
  const byte = 'a byte position (an integer from 0 to 2^53 - 1, or a BigInt)';
  const size = 'an integer from 0 to 9007199254740991';
  const dtypes = [...PLAIN_DTYPES, ...Object.keys(QUANTIZED_DTYPES)].map((name) => `"${name}"`).join(' or ');
  it.each([
    [{ offset: -1 }, `expected ${byte} for \`w.offset\` but received -1`],
    [{ offset: 0.5 }, `expected ${byte} for \`w.offset\` but received 0.5`],
    [{ offset: 2 ** 53 }, `expected ${byte} for \`w.offset\` but received 9007199254740992`],
    [
      { offset: 1n << 64n },
      'expected a byte position below 2^64 for `w.offset` but received 18446744073709551616n',
    ],
    [{ offset: -1n }, 'expected a byte position below 2^64 for `w.offset` but received -1n'],
    [{ offset: '0' }, `expected ${byte} for \`w.offset\` but received "0"`],
    [{ rows: Number.NaN }, `expected ${size} for \`w.rows\` but received NaN`],
    [{ rows: Number.POSITIVE_INFINITY }, `expected ${size} for \`w.rows\` but received Infinity`],
    [{ cols: undefined }, `expected ${size} for \`w.cols\` but received undefined`],
    [{ cols: null }, `expected ${size} for \`w.cols\` but received null`],
    [{ dtype: 'F8' }, `expected ${dtypes} for \`w.dtype\` but received "F8"`],
    [{ dtype: ['F32'] }, `expected ${dtypes} for \`w.dtype\` but received an array of 1`],
    [{ file: {} }, 'expected a file handle of open_file for `w.file` but received an object'],
    [{ file: Symbol('file') }, 'expected a file handle of open_file for `w.file` but received a symbol'],
  ])('%#: %s', (wrong, message) => {
    const w = { ...view(open()), ...wrong } as ReturnType<typeof view>;
    expect(refusal(() => addon.start_content_hash({ w }, ignore))).toBe(message);
  });

  it('names items of lists', () => {
    const reference = view(open());
    const request = {
      reference,
      variants: [reference, { ...reference, rows: -1 }],
      bf16_thresholds: [],
      profiles: false,
    };
    expect(refusal(() => addon.start_element_pass(request, ignore))).toBe(
      'expected an integer from 0 to 9007199254740991 for `variants[1].rows` but received -1',
    );
    const thresholds = { ...request, variants: [reference], bf16_thresholds: [0.1, -0.1] };
    expect(refusal(() => addon.start_element_pass(thresholds, ignore))).toBe(
      'expected a finite number that is not negative for `bf16_thresholds[1]` but received -0.1',
    );
    expect(refusal(() => addon.start_element_pass({ ...request, variants: [] }, ignore))).toBe(
      'expected an array of 1 to 64 items for `variants` but received an array of 0',
    );
  });

  it('checks everything else as well', () => {
    const request = svdRequest();
    expect(refusal(() => addon.start_svd({ ...request, bottom: 2 }, ignore))).toContain(
      '`bottom` but received 2',
    );
    expect(refusal(() => addon.start_svd(request, null as never))).toBe(
      'expected a function for `on_end` but received null',
    );
    expect(refusal(() => addon.start_svd(null as never, ignore))).toBe(
      'expected an object for `request` but received null',
    );
    expect(refusal(() => addon.configure(0))).toBe(
      'expected an integer from 1 to 1024 for `threads` but received 0',
    );
    expect(refusal(() => addon.open_file('a\0b', 'auto'))).toContain('zero character for `path`');
    expect(refusal(() => addon.open_file(path, 'write' as never))).toContain('`access` but received "write"');
    expect(refusal(() => (addon.start_byte_sum as () => unknown)())).toBe(
      'expected an object for `request` but received undefined',
    );
    expect(addon.active_jobs()).toBe(0);
  });

  it('lets an exception of a getter through', () => {
    const request = {
      get w(): never {
        throw new RangeError('from the getter');
      },
    };
    expect(() => addon.start_content_hash(request, ignore)).toThrow(new RangeError('from the getter'));
  });
});

describe('handles', () => {
  it('of another kind are refused', async () => {
    const file = open();
    const { svd } = await decompose();
    const job = addon.start_content_hash({ w: view(file) }, ignore);
    expect(refusal(() => addon.file_info(svd as never))).toBe(
      'expected a file handle of open_file for `file` but received another handle',
    );
    expect(refusal(() => addon.release_svd(file as never))).toBe(
      'expected a decomposition handle of start_svd for `svd` but received another handle',
    );
    expect(refusal(() => addon.release_dense(svd as never))).toBe(
      'expected a matrix handle of start_dense_read or another that makes one for `matrix` but received another handle',
    );
    expect(refusal(() => addon.cancel_job(svd as never))).toBe(
      'expected a job handle for `job` but received another handle',
    );
    expect(refusal(() => addon.job_progress(42 as never))).toBe(
      'expected a job handle for `job` but received 42',
    );
    expect(addon.cancel_job(job)).toBeTypeOf('boolean');
  });

  it('of files end with close_file, but running jobs keep the file', async () => {
    const file = open();
    expect(addon.file_info(file)).toMatchObject({ path, size: 16 });
    const end = new Promise<JobEnd<unknown>>((resolve) =>
      addon.start_content_hash({ w: view(file) }, resolve),
    );
    addon.close_file(file);
    addon.close_file(file);
    expect(await end).toMatchObject({ status: 'ok' });
    expect(refusal(() => addon.file_info(file))).toBe('the file handle was closed before');
    expect(refusal(() => addon.start_content_hash({ w: view(file) }, ignore))).toBe(
      'the file handle was closed before',
    );
  });

  it('of decompositions end with release_svd, but running jobs keep the bases', async () => {
    const { svd } = await decompose();
    const choice = { svd, side: 'left' as const, part: 'top' as const, k: 1 };
    const end = new Promise<JobEnd<Float64Array>>((resolve) =>
      addon.start_principal_angles({ a: choice, b: choice }, resolve),
    );
    addon.release_svd(svd);
    addon.release_svd(svd);
    expect(await end).toMatchObject({ status: 'ok' });
    expect(refusal(() => addon.start_principal_angles({ a: choice, b: choice }, ignore))).toBe(
      'the decomposition was released before',
    );
  });

  it('of matrices end with release_dense, but running jobs keep the elements', async () => {
    const { matrix } = addon.dense_from_values({ rows: 1, cols: 2, values: Float64Array.of(3, 4) });
    const end = new Promise<JobEnd<number>>((resolve) => addon.start_dense_norm({ a: matrix }, resolve));
    addon.release_dense(matrix);
    addon.release_dense(matrix);
    expect(await end).toEqual({ status: 'ok', result: 5 });
    expect(refusal(() => addon.dense_values(matrix))).toBe('the matrix was released before');
  });

  it('of decompositions give only vectors that were asked for', async () => {
    const { svd } = await decompose();
    const top = { svd, side: 'left' as const, part: 'top' as const, k: 2 };
    expect(refusal(() => addon.start_principal_angles({ a: top, b: top }, ignore))).toBe(
      'expected an integer from 1 to 1 for `a.k` but received 2',
    );
    const bottom = { ...top, part: 'bottom' as const, k: 1 };
    expect(refusal(() => addon.start_principal_angles({ a: bottom, b: bottom }, ignore))).toBe(
      'expected a decomposition with bottom vectors for `a.k` but received 1',
    );
  });
});
