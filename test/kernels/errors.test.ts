import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { nativeError } from '../../src-main/kernels/nativeError.ts';
import { temporaryFolder, writeMatrix, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const kernels = new Kernels();
const at = (name: string) => join(folder.path, name);

afterAll(async () => {
  await kernels.whenIdle();
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

async function failure(promise: Promise<unknown>): Promise<PolarimeterError> {
  const reason: unknown = await promise.then(
    () => new Error('it should have failed'),
    (error: unknown) => error,
  );
  if (reason instanceof PolarimeterError) return reason;
  throw reason;
}

const svd = (tensor: Parameters<typeof kernels.contentHash>[0]) =>
  kernels.svd({ method: 'gram_f64', tensor, top: 1, bottom: 0 });

describe('errors of the native core', () => {
  it('invalid-argument: shapes that differ', async () => {
    const reference = writeMatrix(at('two'), 'F32', [[1, 2]]);
    const variants = [writeMatrix(at('three'), 'F32', [[1, 2, 3]])];
    expect(await failure(kernels.elementPass({ reference, variants }))).toMatchObject({
      code: 'invalid-argument',
      where: 'w',
    });
  });

  it('invalid-argument: a request that the addon refuses, in words', async () => {
    const tensor = writeMatrix(at('small'), 'F32', [[1, 2]]);
    const error = await failure(kernels.svd({ method: 'gram_f64', tensor, top: 2, bottom: 0 }));
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toBe('expected an integer from 0 to 1 for `top` but received 2');
  });

  it('path-not-found: before the addon is asked', async () => {
    const tensor = { ...writeMatrix(at('gone'), 'F32', [[1]]), path: at('nowhere') };
    expect(await failure(kernels.contentHash(tensor))).toMatchObject({
      code: 'path-not-found',
      where: at('nowhere'),
    });
  });

  it('file-open: a folder is not a file', async () => {
    const tensor = { ...writeMatrix(at('any'), 'F32', [[1]]), path: folder.path };
    expect(await failure(kernels.contentHash(tensor))).toMatchObject({
      code: 'file-open',
      where: folder.path,
    });
  });

  it('file-too-short: a tensor beyond the end', async () => {
    const tensor = writeMatrix(at('short'), 'F32', [[1, 2, 3, 4]]);
    for (const bad of [
      { offset: 4 },
      { rows: 2 },
      { offset: Number.MAX_SAFE_INTEGER },
      { dtype: 'F64' as const },
    ]) {
      expect(await failure(kernels.contentHash({ ...tensor, ...bad })), JSON.stringify(bad)).toMatchObject({
        code: 'file-too-short',
        where: 'w',
      });
    }
  });

  it('file-changed: bytes were appended, or cut, while a lease held the file', async () => {
    for (const change of [
      (path: string) => {
        appendFileSync(path, 'more');
      },
      (path: string) => {
        truncateSync(path, 8);
      },
    ]) {
      const tensor = writeRandom(at('changing'), 'F32', [64, 64], 1);
      using lease = kernels.files.acquire(tensor.path);
      await kernels.contentHash(tensor);
      change(lease.path);
      expect(await failure(kernels.contentHash(tensor))).toMatchObject({
        code: 'file-changed',
        where: tensor.path,
      });
    }
  });

  it('file-changed: between the opening and the end of a job', async () => {
    using mapping = new Kernels({ access: 'map' });
    const tensor = writeRandom(at('cut'), 'F32', [700, 700], 1);
    const promise = mapping.svd({ method: 'direct_f64', tensor, top: 0, bottom: 0 });
    appendFileSync(tensor.path, 'more');
    expect(await failure(promise)).toMatchObject({ code: 'file-changed', where: 'random 1' });
  });

  it('not-finite: a NaN in a decomposition', async () => {
    const tensor = writeMatrix(at('nan'), 'F32', [
      [1, Number.NaN],
      [0, 1],
    ]);
    expect(await failure(svd(tensor))).toMatchObject({ code: 'not-finite', where: 'w' });
  });

  it('out-of-memory: a matrix whose workspace no machine has', async () => {
    const side = 2 ** 20;
    writeFileSync(at('huge'), '');
    truncateSync(at('huge'), side * side * 2);
    const tensor = {
      name: 'huge',
      path: at('huge'),
      offset: 0,
      dtype: 'BF16' as const,
      rows: side,
      cols: side,
    };
    expect(await failure(svd(tensor))).toMatchObject({ code: 'out-of-memory', where: 'huge' });
  });

  it('library-missing: BLAS that is not there, named', () => {
    const script = `
      import { Kernels } from './src-main/kernels/Kernels.ts';
      const kernels = new Kernels();
      const tensor = { name: 'w', path: process.argv[1], offset: 0, dtype: 'F32', rows: 1, cols: 2 };
      const error = await kernels.svd({ method: 'gram_f64', tensor, top: 0, bottom: 0 }).catch((error) => error);
      console.log(JSON.stringify({ code: error.code, message: error.message, blas: kernels.capabilities().blas.code }));
    `;
    const path = writeMatrix(at('blas'), 'F32', [[1, 2]]).path;
    const env = { ...process.env, POLARIMETER_BLAS: '/nowhere/libblas.so' };
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, path], {
      env,
      encoding: 'utf8',
    });
    const { code, message, blas } = JSON.parse(output) as Record<string, string>;
    expect({ code, blas }).toEqual({ code: 'library-missing', blas: 'library-missing' });
    expect(message).toContain('/nowhere/libblas.so');
  });

  it('codes that healthy inputs cannot provoke keep their name and place', () => {
    for (const code of ['no-convergence', 'read-failed', 'cancelled']) {
      expect(nativeError(code, 'because', 'w')).toMatchObject({ name: 'PolarimeterError', code, where: 'w' });
    }
    expect(nativeError('internal', 'because', 'w')).not.toBeInstanceOf(PolarimeterError);
  });
});
