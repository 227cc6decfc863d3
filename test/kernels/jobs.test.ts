import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { loadAddon } from '../../src-main/kernels/loadAddon.ts';
import type { JobEnd } from '../../src-main/kernels/raw.ts';
import type { JobProgress } from '../../src-main/kernels/runJob.ts';
import { temporaryFolder, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const addon = loadAddon();
const kernels = new Kernels({ addon, threads: 2 });
// Seconds of work: one LAPACK call that looks at no flag while it runs.
const long = {
  method: 'direct_f64' as const,
  tensor: writeRandom(join(folder.path, 'long'), 'F32', [900, 900], 1),
  top: 9,
  bottom: 0,
};
const short = writeRandom(join(folder.path, 'short'), 'BF16', [64, 64], 2);
const SETTLE_MILLIS = 200;

afterEach(() => kernels.whenIdle());
afterAll(() => {
  kernels[Symbol.dispose]();
  folder[Symbol.dispose]();
});

function startLong(onEnd: (end: JobEnd<unknown>) => void) {
  const { path, offset, dtype, rows, cols } = long.tensor;
  const w = { file: addon.open_file(path, 'auto'), offset, dtype, rows, cols };
  return addon.start_svd({ method: long.method, w, top: long.top, bottom: long.bottom }, onEnd);
}

describe('cancel', () => {
  it('ends a running job once, after the call and within 200 ms', async () => {
    const events: string[] = [];
    const ended = Promise.withResolvers<undefined>();
    const job = startLong((end) => {
      events.push(end.status);
      ended.resolve(undefined);
    });
    await delay(50);
    const start = performance.now();
    events.push(`cancelled: ${String(addon.cancel_job(job))}`, `again: ${String(addon.cancel_job(job))}`);
    await ended.promise;
    expect(performance.now() - start).toBeLessThan(SETTLE_MILLIS);
    await kernels.whenIdle();
    await delay(20);
    expect(events).toEqual(['cancelled: true', 'again: false', 'cancelled']);
  });

  it('ends jobs that still wait, and leaves their neighbours alone', async () => {
    const ends: string[] = [];
    const jobs = [0, 1, 2, 3, 4, 5].map((i) =>
      startLong(({ status }) => ends.push(`${String(i)} ${status}`)),
    );
    for (const job of jobs) addon.cancel_job(job);
    const hash = kernels.contentHash(short).then(() => ends.push('hash ok'));
    await hash;
    expect(ends).toEqual([...jobs.map((_, i) => `${String(i)} cancelled`), 'hash ok']);
  });

  it('comes too late for a job that has ended', async () => {
    const { promise, resolve } = Promise.withResolvers<JobEnd<unknown>>();
    const w = { ...short, file: addon.open_file(short.path, 'auto') };
    const job = addon.start_content_hash({ w }, resolve);
    expect((await promise).status).toBe('ok');
    expect(addon.cancel_job(job)).toBe(false);
  });

  it('drops a result that came first, when the caller no longer wants it', async () => {
    const controller = new AbortController();
    const promise = kernels.contentHash(short, { signal: controller.signal });
    while (kernels.activeJobs > 0); // the end now waits for this thread
    controller.abort();
    await expect(promise).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('AbortSignal', () => {
  it('aborted before: nothing starts', async () => {
    const before = kernels.activeJobs;
    const promise = kernels.svd(long, { signal: AbortSignal.abort() });
    expect(kernels.activeJobs).toBe(before);
    await expect(promise).rejects.toMatchObject({ code: 'cancelled', where: 'random 1' });
    expect(kernels.files.openFiles).toBe(0);
  });

  it('aborted during the job: rejects within 200 ms and gives the files back', async () => {
    const controller = new AbortController();
    const promise = kernels.svd(long, { signal: controller.signal });
    expect(kernels.files.openFiles).toBe(1);
    await delay(50);
    const start = performance.now();
    controller.abort();
    await expect(promise).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - start).toBeLessThan(SETTLE_MILLIS);
    expect(kernels.files.openFiles).toBe(0);
  });

  it('aborted afterwards: changes nothing', async () => {
    const controller = new AbortController();
    const hash = await kernels.contentHash(short, { signal: controller.signal });
    controller.abort();
    expect(await kernels.contentHash(short)).toBe(hash);
  });
});

describe('progress', () => {
  it('is reported while a job runs, and complete at its end', async () => {
    const seen: JobProgress[] = [];
    const request = { ...long, method: 'gram_f64' as const, top: 300 };
    using svd = await kernels.svd(request, { onProgress: (progress) => seen.push(progress) });
    expect(svd.top).toBe(300);
    expect(seen.at(-1)).toEqual({ done: seen.at(-1)?.total, total: seen.at(-1)?.total });
    expect(seen.at(-1)?.total).toBeGreaterThan(0);
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
  });
});

describe('many jobs', () => {
  it('all end, each with its own result', async () => {
    const tensors = Array.from({ length: 24 }, (_, i) =>
      writeRandom(join(folder.path, `many-${String(i)}`), 'F32', [40 + i, 30], i),
    );
    const serial: string[] = [];
    for (const tensor of tensors) serial.push(await kernels.contentHash(tensor));
    const many = await Promise.all(
      Array.from({ length: 480 }, (_, i) => kernels.contentHash(tensors[i % tensors.length] ?? short)),
    );
    expect(new Set(serial).size).toBe(tensors.length);
    expect(many).toEqual(Array.from({ length: 480 }, (_, i) => serial[i % serial.length]));
    expect(kernels.files.openFiles).toBe(0);
  });
});

describe('configure', () => {
  it('is refused while jobs run, unless nothing changes', async () => {
    const job = startLong(() => undefined);
    kernels.configure(2);
    expect(() => kernels.configure(1)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', where: 'threads' }),
    );
    addon.cancel_job(job);
    await kernels.whenIdle();
    kernels.configure(1);
    expect(kernels.capabilities().threads).toBe(1);
    kernels.configure(2);
    expect(kernels.capabilities().threads).toBe(2);
  });

  it('is allowed as soon as the last end is known', async () => {
    for (let i = 0; i < 20; ++i) {
      await kernels.contentHash(short);
      kernels.configure(1 + (i % 2));
    }
    kernels.configure(2);
  });
});
