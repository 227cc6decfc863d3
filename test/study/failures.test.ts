import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { StudyOptions, type Progress, type StudyFile } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { RunLock } from '../../src-main/study/RunLock.ts';
import { Store } from '../../src-main/study/Store.ts';
import { Study } from '../../src-main/study/Study.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { gaussian, plus, scale } from '../fixtures/matrix.ts';

const home = mkdtempSync(join(tmpdir(), 'study-'));
const kernels = new Kernels({ threads: 2 });
const LIMITS = { memoryBytes: 2 ** 30, threads: 2 };
afterAll(() => {
  kernels[Symbol.dispose]();
  rmSync(home, { recursive: true, force: true });
});

let made = 0;
const fresh = (): string => join(home, String(made++));
const SIDE = 128;

/** A checkpoint of `layers` square matrices. */
function checkpoint(
  folder: string,
  seed: number,
  layers = 4,
  spoil?: (values: Float64Array) => void,
): string {
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const base = scale(gaussian(SIDE, SIDE, layer + 1), 0.02);
    const w = seed === 0 ? base : plus(base, scale(gaussian(SIDE, SIDE, 1000 * seed + layer), 1e-3));
    spoil?.(w.values);
    const name = `model.layers.${String(layer)}.self_attn.q_proj.weight`;
    return { name, dtype: 'BF16', shape: [SIDE, SIDE], data: w.values };
  });
  return writeCheckpoint(folder, { tensors });
}

function fileOf(base: string, tuned: string, options: Partial<StudyOptions> = {}): StudyFile {
  return {
    schema: 'polarimeter.study/1',
    name: 'failures',
    base: { path: base },
    variants: [
      { label: 'tuned', role: 'sft', path: tuned, from: 'base', adapterBase: null, run: null, step: null },
    ],
    options: StudyOptions.parse(options),
    notes: [],
  };
}

function studyIn(folder: string, options: Partial<StudyOptions> = {}, layers = 4): Study {
  const base = checkpoint(join(folder, 'base'), 0, layers);
  return Study.create(
    join(folder, 'study'),
    fileOf(base, checkpoint(join(folder, 'tuned'), 1, layers), options),
  );
}

async function codeOf(step: () => unknown): Promise<string> {
  try {
    await step();
  } catch (error) {
    return error instanceof PolarimeterError ? error.code : String(error);
  }
  return 'no error';
}

describe('creating and opening', () => {
  it.each([
    ['study-not-found', () => Study.open(fresh())],
    ['path-not-found', () => Study.create(fresh(), fileOf('/nowhere/base', '/nowhere/tuned'))],
  ])('%s', async (code, step) => {
    expect(await codeOf(step)).toBe(code);
  });

  it('study-invalid: damaged JSON, a bad field, a label used twice, a circle of references', async () => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'study.json'), '{');
    expect(await codeOf(() => Study.open(folder))).toBe('study-invalid');
    const valid = fileOf('a', 'b');
    const [variant] = valid.variants;
    const broken: unknown[] = [
      { ...valid, variants: [] },
      { ...valid, variants: [variant, variant] },
      { ...valid, variants: [{ ...variant, from: 'nobody' }] },
      {
        ...valid,
        variants: [
          { ...variant, from: 'other' },
          { ...variant, label: 'other', from: 'tuned' },
        ],
      },
    ];
    for (const file of broken)
      expect(await codeOf(() => Study.create(fresh(), file as StudyFile))).toBe('study-invalid');
  });

  it('study-version: a later schema of the file or of the results', async () => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'study.json'), JSON.stringify({ schema: 'polarimeter.study/2' }));
    expect(await codeOf(() => Study.open(folder))).toBe('study-version');
  });

  it('usage: a measure that does not exist', async () => {
    expect(await codeOf(() => studyIn(fresh(), { measures: ['angles.up'] }))).toBe('usage');
  });

  it('study-mismatch: other checkpoints in the same folder; new options of the same study are welcome', async () => {
    const folder = fresh();
    studyIn(folder)[Symbol.dispose]();
    const third = checkpoint(join(folder, 'third'), 3);
    expect(await codeOf(() => Study.create(join(folder, 'study'), fileOf(join(folder, 'base'), third)))).toBe(
      'study-mismatch',
    );
    using again = Study.create(
      join(folder, 'study'),
      fileOf(join(folder, 'base'), join(folder, 'tuned'), { k: 16 }),
    );
    expect(again.file.options.k).toBe(16);
  });

  it('source-folder: never inside a checkpoint, also not through a link or below it', async () => {
    const folder = fresh();
    const [base, tuned] = [checkpoint(join(folder, 'base'), 0), checkpoint(join(folder, 'tuned'), 1)];
    expect(await codeOf(() => Study.create(base, fileOf(base, tuned)))).toBe('source-folder');
    expect(await codeOf(() => Study.create(join(tuned, 'deep/study'), fileOf(base, tuned)))).toBe(
      'source-folder',
    );
    expect(existsSync(join(base, 'study.json'))).toBe(false);
  });

  it('not-comparable: no tensor in common', async () => {
    const folder = fresh();
    const other = writeCheckpoint(join(folder, 'other'), {
      tensors: [{ name: 'x', dtype: 'F32', shape: [2], data: [1, 2] }],
    });
    expect(
      await codeOf(() =>
        Study.create(join(folder, 'study'), fileOf(checkpoint(join(folder, 'base'), 0), other)),
      ),
    ).toBe('not-comparable');
  });
});

describe('running', () => {
  it('study-busy while another process runs; the lock of a dead one is taken over, also when its number is in use again', async () => {
    const folder = fresh();
    using study = studyIn(folder);
    using lock = new RunLock(study.folder);
    expect(lock).toBeDefined();
    expect(await codeOf(() => study.run(kernels, { limits: LIMITS }))).toBe('study-busy');
    for (const left of ['2147483646 1', `${String(process.ppid)} 1`]) {
      writeFileSync(join(study.folder, 'run.lock'), left);
      expect((await study.run(kernels, { limits: LIMITS })).state).toBe('done');
    }
  });

  it('file-changed: a checkpoint that is rewritten during the run', async () => {
    const folder = fresh();
    using study = studyIn(folder);
    const file = join(folder, 'tuned', 'model.safetensors');
    const spoil = (progress: Progress): void => {
      if (progress.state === 'running') writeFileSync(file, readFileSync(file));
    };
    expect(await codeOf(() => study.run(kernels, { limits: LIMITS, onProgress: spoil }))).toBe(
      'file-changed',
    );
  });

  it('file-changed: a checkpoint that was replaced after its header was read, before anything is computed of it', async () => {
    const folder = fresh();
    using study = studyIn(folder);
    expect(study.changedFiles()).toEqual([]);
    checkpoint(join(folder, 'tuned'), 7);
    expect(study.changedFiles()).toHaveLength(1);
    await expect(study.run(kernels, { limits: LIMITS })).rejects.toMatchObject({
      code: 'file-changed',
      where: join(folder, 'tuned', 'model.safetensors'),
    });
    expect(study.rows({ measure: ['update.norm'] }).filter(({ value }) => value !== null)).toEqual([]);
    using again = Study.open(study.folder);
    expect((await again.run(kernels, { limits: LIMITS })).state).toBe('done');
  });

  it('a file that is cut short during the run ends in an error, and the process lives', async () => {
    const folder = fresh();
    using study = studyIn(folder);
    const spoil = (progress: Progress): void => {
      if (progress.state === 'running') truncateSync(join(folder, 'base', 'model.safetensors'), 5000);
    };
    expect(await codeOf(() => study.run(kernels, { limits: LIMITS, onProgress: spoil }))).toBe(
      'file-changed',
    );
  });

  it('rows of a checkpoint that changed after it was measured are withdrawn with the reason', async () => {
    const folder = fresh();
    using study = studyIn(folder);
    await study.run(kernels, { limits: LIMITS });
    checkpoint(join(folder, 'tuned'), 2);
    const rows = study.rows({ level: ['tensor'], measure: ['update.norm'] });
    expect(rows.map(({ value, reason }) => [value, reason])).toEqual(
      Array(4).fill([null, expect.stringContaining('changed after')]),
    );
    using again = Study.open(study.folder);
    await again.run(kernels, { limits: LIMITS });
    expect(
      again.rows({ level: ['tensor'], measure: ['update.norm'] }).every(({ value }) => Number(value) > 0),
    ).toBe(true);
  });

  it('results can be read where the checkpoints are gone', async () => {
    const folder = fresh();
    const study = studyIn(folder);
    await study.run(kernels, { limits: LIMITS });
    const before = study.rows();
    study[Symbol.dispose]();
    rmSync(join(folder, 'tuned'), { recursive: true });
    using reopened = Study.open(join(folder, 'study'));
    expect(reopened.rows()).toEqual(before);
    expect(reopened.checkpoints.get('tuned')?.warnings.join()).toContain('not there');
    expect(await codeOf(() => reopened.run(kernels, { limits: LIMITS }))).toBe('path-not-found');
  });

  it('a tensor of NaN is counted and skipped with its reason; the others are measured', async () => {
    const folder = fresh();
    const base = checkpoint(join(folder, 'base'), 0);
    let spoiled = 0;
    const tuned = checkpoint(join(folder, 'tuned'), 1, 4, (values) => {
      if (spoiled++ === 2) values.fill(NaN);
    });
    using study = Study.create(join(folder, 'study'), fileOf(base, tuned));
    const progress = await study.run(kernels, { limits: LIMITS });
    expect(progress).toMatchObject({ state: 'done', skipped: 1 });
    const at = (measure: string) => study.rows({ level: ['tensor'], measure: [measure] })[2];
    expect(at('update.invalid')?.value).toBe(SIDE * SIDE);
    expect(at('update.unchanged.bf16')?.value).toBe('NaN');
    expect(at('angles.left.max')?.value).toBeNull();
    expect(at('angles.left.max')?.reason).toMatch(/NaN|finite/);
    expect(study.rows({ level: ['overall'], measure: ['angles.left.max'] })[0]).toMatchObject({ tensors: 3 });
  });

  it('memory-budget: a matrix that cannot fit is a row with the need and the budget, and is computed when the budget grows', async () => {
    const folder = fresh();
    using study = studyIn(folder, { measures: ['update.norm', 'spectrum.nss'] });
    const tight = await study.run(kernels, { limits: { memoryBytes: 300 * 2 ** 20, threads: 2 } });
    const row = (measure: string) => study.rows({ level: ['tensor'], measure: [measure] })[0];
    expect(tight.skipped).toBe(0);
    const tighter = studyIn(fresh(), { measures: ['update.norm', 'spectrum.nss'] });
    const small = await tighter.run(kernels, { limits: { memoryBytes: 256 * 2 ** 20 + 4096, threads: 2 } });
    expect(small.skipped).toBe(4);
    expect(tighter.rows({ level: ['tensor'], measure: ['spectrum.nss'] })[0]?.reason).toMatch(
      /needs .* of workspace, the budget leaves 4/,
    );
    expect(Number(tighter.rows({ level: ['tensor'], measure: ['update.norm'] })[0]?.value)).toBeGreaterThan(
      0,
    );
    await tighter.run(kernels, { limits: LIMITS });
    expect(tighter.rows({ level: ['tensor'], measure: ['spectrum.nss'] })[0]).toEqual(
      expect.objectContaining({ ...row('spectrum.nss') }),
    );
    tighter[Symbol.dispose]();
  });

  it('cancelled: finished tensors stay, and a second run computes only the rest, to the same rows', async () => {
    const folder = fresh();
    using study = studyIn(folder, {}, 40);
    const stop = new AbortController();
    const cancelled = await study.run(kernels, {
      limits: { ...LIMITS, threads: 1 },
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done >= 1) stop.abort();
      },
    });
    expect(cancelled.state).toBe('cancelled');
    const rest = await study.run(kernels, { limits: LIMITS });
    expect(rest.state).toBe('done');
    expect(rest.cached).toBe(cancelled.done);
    using whole = studyIn(fresh(), {}, 40);
    await whole.run(kernels, { limits: LIMITS });
    expect(study.rows()).toEqual(whole.rows());
  });

  it('any number of threads gives the same rows', async () => {
    using one = studyIn(fresh());
    using three = studyIn(fresh());
    await one.run(kernels, { limits: { ...LIMITS, threads: 1 } });
    await three.run(kernels, { limits: { ...LIMITS, threads: 3 } });
    expect(one.rows()).toEqual(three.rows());
  });

  it('kill -9 loses at most the tensors in flight', async () => {
    const folder = fresh();
    studyIn(folder)[Symbol.dispose]();
    const script = `
      import { Kernels } from '${resolve('src-main/kernels/Kernels.ts')}';
      import { Study } from '${resolve('src-main/study/Study.ts')}';
      const study = Study.open('${join(folder, 'study')}');
      const onProgress = ({ done }) => { if (done >= 2) process.kill(process.pid, 'SIGKILL'); };
      await study.run(new Kernels(), { limits: { memoryBytes: 2 ** 30, threads: 1 }, onProgress });`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: 'inherit',
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    using study = Study.open(join(folder, 'study'));
    const rest = await study.run(kernels, { limits: LIMITS });
    expect(rest.cached).toBeGreaterThanOrEqual(2);
    expect(rest.done).toBe(4);
  });
});

describe('the folder', () => {
  it.runIf(process.platform === 'linux')(
    'a place where no folder can be made ends in an error, not in a wait',
    async () => {
      const folder = fresh();
      const file = fileOf(checkpoint(join(folder, 'base'), 0), checkpoint(join(folder, 'tuned'), 1));
      expect(await codeOf(() => Study.create('/proc/polarimeter/study', file))).toBe('path-not-found');
    },
  );

  it('disk-full: the run stops with its own error and what was stored stays', async () => {
    const folder = fresh();
    mkdirSync(folder);
    using store = new Store(folder, { maxPages: 24 });
    const fill = () => {
      for (let i = 0; ; i++)
        store.transaction(() => {
          store.skip(String(i), 'x'.repeat(5000));
        });
    };
    expect(await codeOf(fill)).toBe('disk-full');
    expect(store.skipped().size).toBeGreaterThan(0);
  });

  it.runIf(process.getuid?.() === 0)('study-read-only: a folder that this user may not write', async () => {
    const folder = fresh();
    studyIn(folder)[Symbol.dispose]();
    cpSync(folder, `${folder}-locked`, { recursive: true });
    for (const path of [`${folder}-locked/study`, `${folder}-locked`, home]) chmodSync(path, 0o555);
    const script = `
      import { Study } from '${resolve('src-main/study/Study.ts')}';
      process.setgid(65534); process.setuid(65534);
      try { Study.open('${folder}-locked/study'); } catch (error) { console.log(error.code); }`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    for (const path of [home, `${folder}-locked`, `${folder}-locked/study`]) chmodSync(path, 0o755);
    expect(text.trim()).toBe('study-read-only');
  });
});

describe('MemoryBudget', () => {
  it('lets who fits in order, and refuses what never fits', async () => {
    const budget = new MemoryBudget(100);
    const order: string[] = [];
    const first = await budget.reserve(70, 'a');
    const waiting = [budget.reserve(60, 'b'), budget.reserve(10, 'c')].map(async (held, i) => {
      using _held = await held;
      order.push(String(i));
    });
    expect(budget.used).toBe(70);
    first[Symbol.dispose]();
    await Promise.all(waiting);
    expect(order).toEqual(['0', '1']);
    expect(budget.used).toBe(0);
    expect(await codeOf(() => budget.reserve(101, 'd'))).toBe('memory-budget');
  });
});
