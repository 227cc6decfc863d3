import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Recipe } from '../../src-main/contract/recipe.ts';
import type { DenseKernels } from '../../src-main/kernels/DenseMatrix.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { chainBytes } from '../../src-main/recipes/followChain.ts';
import { makeTensors } from '../../src-main/recipes/makeTensors.ts';
import { modelFingerprint } from '../../src-main/recipes/modelFingerprint.ts';
import { openModel, openRecipe } from '../../src-main/recipes/openModel.ts';
import { pinRecipe } from '../../src-main/recipes/pinRecipe.ts';
import { pruneWork } from '../../src-main/recipes/pruneWork.ts';
import { writeRecipe } from '../../src-main/recipes/recipeText.ts';
import { originOf } from '../../src-main/recipes/TensorPlan.ts';
import { workFolder } from '../../src-main/recipes/workFolder.ts';
import { caughtAsync } from '../fixtures/caught.ts';
import { shardName, writeCheckpoint } from '../fixtures/checkpoints.ts';
import { matrix } from '../fixtures/matrix.ts';
import { kitchen, randomModel, readModel, withTensors, writeModel } from '../fixtures/recipeModels.ts';

const [target, donor] = [randomModel(1), randomModel(2)];
const { folder, kernels, recipe, make } = kitchen({ sft: target, base: donor });
const NAME = 'model.layers.0.mlp.up_proj.weight';
const RESTORE = { edit: 'restore', from: 'base', top: 3, tensors: { names: [NAME] } };
const budget = () => new MemoryBudget(2 ** 26);

/** Everything below a folder, by path. */
const filesIn = (at: string): string[] =>
  existsSync(at)
    ? readdirSync(at, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
const work = join(folder, 'work');
beforeEach(() => {
  process.env['POLARIMETER_WORK'] = work;
  rmSync(work, { recursive: true, force: true });
});

describe('making', () => {
  it('opens a recipe that is not made, and says so when its tensors are used', async () => {
    const checkpoint = openRecipe(recipe([RESTORE]), folder);
    expect(checkpoint.recipe?.made).toEqual([NAME]);
    expect(filesIn(work)).toEqual([]);
    const error = await caughtAsync(() => modelFingerprint(checkpoint, kernels));
    expect(error.code).toBe('recipe-not-made');
    await makeTensors(checkpoint, kernels, { budget: budget() });
    expect(await modelFingerprint(checkpoint, kernels)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('leaves what is there, and makes again what is damaged', async () => {
    const first = await make([RESTORE]);
    const [file = ''] = filesIn(join(work, 'tensors'));
    const before = statSync(file, { bigint: true });
    const again = await make([RESTORE]);
    expect(again.made).toEqual(first.made);
    expect(statSync(file, { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
    truncateSync(file, 5000);
    expect((await make([RESTORE])).tensors.get(NAME)).toEqual(first.tensors.get(NAME));
    writeFileSync(file, Buffer.alloc(statSync(file).size));
    expect((await make([RESTORE])).tensors.get(NAME)).toEqual(first.tensors.get(NAME));
  });

  it('makes another tensor when a source is another, and refuses one that changes meanwhile', async () => {
    const models = kitchen({ sft: target, base: donor });
    const first = await models.make([RESTORE]);
    const stale = openRecipe(models.recipe([{ ...RESTORE, top: 4 }]), models.folder);
    writeModel(join(models.folder, 'base'), randomModel(3));
    const second = await models.make([RESTORE]);
    expect(second.tensors.get(NAME)).not.toEqual(first.tensors.get(NAME));
    const error = await caughtAsync(() => makeTensors(stale, models.kernels, { budget: budget() }));
    expect(error.code).toBe('file-changed');
  });

  it('tells of each tensor once, as it comes', async () => {
    const told: [string, number, number][] = [];
    const edits = [
      { edit: 'restore', from: 'base', top: 3 },
      { edit: 'take', from: 'base', tensors: { modules: ['norm'] } },
    ];
    const made = await makeTensors(openRecipe(recipe(edits), folder), kernels, {
      budget: budget(),
      onTensor: ({ tensor }, { done, total }) => told.push([tensor, done, total]),
    });
    expect(told.map(([, done]) => done)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(new Set(told.map(([tensor]) => tensor))).toEqual(new Set(made.map(({ tensor }) => tensor)));
    expect(new Set(told.map(([, , total]) => total))).toEqual(new Set([15]));
  });

  it('of a checkpoint that is no recipe has nothing to do', async () => {
    expect(await makeTensors(openModel(join(folder, 'sft')), kernels, { budget: budget() })).toEqual([]);
  });
});

describe('recipes of recipes', () => {
  it('are made from the bottom, and pass on what they only take', async () => {
    writeRecipe(join(folder, 'inner.yaml'), recipe([RESTORE]));
    const outer: Recipe = {
      ...recipe([{ edit: 'interpolate', to: 'inner', amount: 0.5, tensors: { names: [NAME] } }]),
    };
    const inputs = { ...outer.inputs, inner: { path: 'inner.yaml' } };
    const checkpoint = openRecipe({ ...outer, inputs }, folder);
    const made = await makeTensors(checkpoint, kernels, { budget: budget() });
    expect(made.map(({ tensor }) => tensor)).toEqual([NAME]);
    const inner = (await make([RESTORE])).tensors.get(NAME)!;
    const own = target.tensors.get(NAME)!;
    const found = readModel(checkpoint).get(NAME)!;
    found.values.forEach((value, i) =>
      expect(value).toBeCloseTo((own.values[i]! + inner.values[i]!) / 2, 14),
    );
    rmSync(work, { recursive: true });
    const onTop = openRecipe({ ...outer, target: 'inner', edits: [], inputs }, folder);
    expect(onTop.recipe?.made).toEqual([]);
    expect(await makeTensors(onTop, kernels, { budget: budget() })).toEqual([]);
    expect(readModel(onTop).get(NAME)).toEqual(inner);
  });
});

describe('memory', () => {
  it('refuses a matrix that could never fit, by name', async () => {
    const checkpoint = openRecipe(recipe([RESTORE]), folder);
    const [plan] = originOf(checkpoint.tensors)!.plans;
    const needed = chainBytes(plan!.parts[0]!.chain, { rows: 20, cols: 12 }, kernels.dense);
    expect(needed).toBeGreaterThan(2 * 20 * 12 * 8);
    const tight = { budget: new MemoryBudget(needed - 1) };
    const error = await caughtAsync(() => makeTensors(checkpoint, kernels, tight));
    expect(error).toMatchObject({ code: 'memory-budget', where: NAME });
    expect(filesIn(join(work, 'tensors'))).toEqual([]);
    await makeTensors(checkpoint, kernels, { budget: new MemoryBudget(needed) });
  });

  it('never holds more than its budget, however many tensors there are', async () => {
    const checkpoint = openRecipe(recipe([{ edit: 'restore', from: 'base', top: 3 }]), folder);
    const needs = originOf(checkpoint.tensors)!.plans.map(({ parts, shape }) =>
      chainBytes(parts[0]!.chain, { rows: shape[0]!, cols: shape[1]! }, kernels.dense),
    );
    const own = new MemoryBudget(Math.max(...needs));
    await makeTensors(checkpoint, kernels, { budget: own });
    expect(own.peak).toBeLessThanOrEqual(own.capacity);
    expect(own.used).toBe(0);
  });
});

/** A file system of 8 KiB at a path; false where this user may not mount one. */
function mounted(at: string): boolean {
  mkdirSync(at, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The native core but for one operation. */
const withDense = (changes: Partial<DenseKernels>) => {
  const dense = new Proxy(kernels.dense, {
    get: (all, name) => {
      const changed = changes[name as keyof DenseKernels];
      const own: unknown = changed ?? all[name as keyof DenseKernels];
      return typeof own === 'function' && !changed ? (own.bind(all) as unknown) : own;
    },
  });
  return { ...kernels, dense };
};

describe('an end before the end', () => {
  it('that was asked for leaves whole files only, and is gone on with', async () => {
    const edits = [{ edit: 'restore', from: 'base', top: 3 }];
    const checkpoint = openRecipe(recipe(edits), folder);
    const abort = new AbortController();
    const error = await caughtAsync(() =>
      makeTensors(checkpoint, kernels, {
        budget: budget(),
        signal: abort.signal,
        onTensor: () => abort.abort(),
      }),
    );
    expect(error.code).toBe('cancelled');
    const left = filesIn(join(work, 'tensors'));
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(14);
    expect(left.every((file) => file.endsWith('.made.safetensors'))).toBe(true);
    const made = await makeTensors(checkpoint, kernels, { budget: budget() });
    expect(made).toHaveLength(14);
  });

  it('in the middle of a tensor leaves nothing of it', async () => {
    const abort = new AbortController();
    const stopping = withDense({
      write: (...args) => {
        abort.abort();
        return kernels.dense.write(...args);
      },
    });
    const checkpoint = openRecipe(recipe([RESTORE]), folder);
    const error = await caughtAsync(() =>
      makeTensors(checkpoint, stopping, { budget: budget(), signal: abort.signal }),
    );
    expect(error.code).toBe('cancelled');
    expect(filesIn(join(work, 'tensors'))).toEqual([]);
  });

  it('that the disk brings about, leaves nothing of the tensor', async () => {
    const full = withDense({
      write: async (matrix, destination) => {
        await kernels.dense.write(matrix, destination);
        throw new PolarimeterError('disk-full', 'there is no space left', destination.path);
      },
    });
    const checkpoint = openRecipe(recipe([RESTORE]), folder);
    const error = await caughtAsync(() => makeTensors(checkpoint, full, { budget: budget() }));
    expect(error.code).toBe('disk-full');
    expect(error.where).toMatch(/\.made\.safetensors$/);
    expect(filesIn(join(work, 'tensors'))).toEqual([]);
  });

  const small = join(folder, 'small');
  const isMounted = mounted(small);
  afterAll(() => {
    if (isMounted) execFileSync('umount', [small], { stdio: 'ignore' });
  });

  it.runIf(isMounted)('on a disk of two pages says that it is full, and leaves nothing', async () => {
    process.env['POLARIMETER_WORK'] = small;
    const checkpoint = openRecipe(recipe([{ edit: 'restore', from: 'base', top: 3 }]), folder);
    const error = await caughtAsync(() => makeTensors(checkpoint, kernels, { budget: budget() }));
    expect(error.code).toBe('disk-full');
    expect(filesIn(small).filter((file) => !file.endsWith('.made.safetensors'))).toEqual([]);
  });

  it('in a work folder that cannot be written says so', async () => {
    writeFileSync(join(folder, 'a file'), '');
    process.env['POLARIMETER_WORK'] = join(folder, 'a file');
    const checkpoint = openRecipe(recipe([RESTORE]), folder);
    const error = await caughtAsync(() => makeTensors(checkpoint, kernels, { budget: budget() }));
    expect(error.code).toBe('write-failed');
  });

  it('at a number that is not finite names tensor and edit', async () => {
    const broken = withTensors(target, [
      [NAME, matrix(20, 12, (i, j) => (i === 3 && j === 4 ? NaN : 0.1 * i + j))],
    ]);
    const models = kitchen({ sft: broken, base: donor });
    const error = await caughtAsync(() => models.make([RESTORE]));
    expect(error).toMatchObject({ code: 'not-finite', where: NAME });
    expect(error.message).toContain(`"${NAME}", edit 1: `);
  });

  it('at a number that its element type cannot hold makes no broken model', async () => {
    const models = kitchen({ sft: target, base: donor }, { dtype: 'F16' });
    const edit = { edit: 'scale-update', since: 'base', factor: 1e7, tensors: { names: [NAME] } };
    const error = await caughtAsync(() => models.make([edit]));
    expect(error.code).toBe('not-finite');
    expect(error.message).toMatch(/numbers of ".*up_proj.weight" are beyond the range of F16/);
    expect(filesIn(join(models.folder, 'work', 'tensors'))).toEqual([]);
  });

  it('without a direction to go names tensor and edit', async () => {
    const models = kitchen({ sft: target, base: donor, same: target });
    const edit = { edit: 'matched-step', like: [RESTORE], direction: { to: 'same' } };
    const error = await caughtAsync(() => models.make([edit]));
    expect(error).toMatchObject({ code: 'recipe-invalid' });
    expect(error.message).toContain('edit 1: the tensor is where the step should lead');
  });

  it('whose factors leave no positive sum names tensor and edit', async () => {
    const edit = { edit: 'svf', experts: [{ z: -1 }], norm: 'nuclear', tensors: { names: [NAME] } };
    const error = await caughtAsync(() => make([edit]));
    expect(error).toMatchObject({ code: 'recipe-invalid', where: NAME });
  });

  it('never touches the folders of the sources', async () => {
    const state = (name: string): string[] =>
      filesIn(join(folder, name)).map(
        (file) => `${file} ${String(statSync(file, { bigint: true }).mtimeNs)}`,
      );
    const before = [state('sft'), state('base')];
    for (const name of ['sft', 'base']) chmodSync(join(folder, name), 0o555);
    await make([{ edit: 'restore', from: 'base', top: 5 }]);
    for (const name of ['sft', 'base']) chmodSync(join(folder, name), 0o755);
    expect([state('sft'), state('base')]).toEqual(before);
  });
});

describe('fingerprints', () => {
  const fingerprint = async (path: string): Promise<string> =>
    await modelFingerprint(openModel(path), kernels);

  it('are those of the content, whatever its folder, shards and order', async () => {
    const own = await fingerprint(join(folder, 'sft'));
    const tensors = [...target.tensors].map(([name, { values }]) => ({
      name,
      dtype: 'F64',
      shape: target.shapes.get(name)!,
      data: values,
    }));
    const shards = [tensors.slice(5).reverse(), tensors.slice(0, 5)];
    writeCheckpoint(join(folder, 'sharded'), { config: target.config, shards });
    expect(existsSync(join(folder, 'sharded', shardName(0, 2)))).toBe(true);
    expect(await fingerprint(join(folder, 'sharded'))).toBe(own);
    expect(await fingerprint(join(folder, 'base'))).not.toBe(own);
    writeModel(join(folder, 'narrow'), target, 'F32');
    expect(await fingerprint(join(folder, 'narrow'))).not.toBe(own);
  });

  it('of a made recipe are those of the same model written out', async () => {
    const { checkpoint, tensors } = await make([RESTORE]);
    writeModel(join(folder, 'written'), { ...target, tensors });
    expect(await modelFingerprint(checkpoint, kernels)).toBe(await fingerprint(join(folder, 'written')));
  });

  it('are remembered while a file stays the same, and only then', async () => {
    const path = join(folder, 'remembered');
    writeModel(path, target);
    const counting = {
      contentHash: (...args: Parameters<typeof kernels.contentHash>) => (
        count++,
        kernels.contentHash(...args)
      ),
    };
    let count = 0;
    const hash = async (): Promise<[string, number]> => {
      count = 0;
      return [await modelFingerprint(openModel(path), counting), count];
    };
    const [first, hashed] = await hash();
    expect(hashed).toBe(target.tensors.size);
    expect(await hash()).toEqual([first, 0]);
    const [memory = ''] = filesIn(join(work, 'content'));
    writeFileSync(memory, readFileSync(memory).subarray(0, 20));
    expect(await hash()).toEqual([first, hashed]);
    writeModel(path, donor);
    const [second, again] = await hash();
    expect(second).not.toBe(first);
    expect(again).toBe(hashed);
  });

  it('pin the inputs: another content is refused before anything is made', async () => {
    const models = kitchen({ sft: target, base: donor });
    const pinned = await pinRecipe(models.recipe([RESTORE]), models.folder, models.kernels);
    expect(pinned.inputs['base']?.fingerprint).toBe(await fingerprint(join(models.folder, 'base')));
    await makeTensors(openRecipe(pinned, models.folder), models.kernels, { budget: budget() });
    writeModel(join(models.folder, 'base'), randomModel(3));
    for (const edits of [pinned.edits, [{ edit: 'take', from: 'base' } as const]]) {
      const changed = openRecipe({ ...pinned, edits: [...edits] }, models.folder);
      const error = await caughtAsync(() => makeTensors(changed, models.kernels, { budget: budget() }));
      expect(error.code).toBe('recipe-input-changed');
      expect(error.message).toContain('input "base"');
    }
  });
});

describe('the work folder', () => {
  it('is where the user says, or in the cache folder of the platform', () => {
    const place = (platform: NodeJS.Platform, env: Record<string, string>) =>
      workFolder({ platform, env, home: '/home/me' });
    expect(place('linux', {})).toBe('/home/me/.cache/polarimeter/work');
    expect(place('linux', { XDG_CACHE_HOME: '/cache' })).toBe('/cache/polarimeter/work');
    expect(place('linux', { XDG_CACHE_HOME: 'cache' })).toBe('/home/me/.cache/polarimeter/work');
    expect(place('darwin', {})).toBe('/home/me/Library/Caches/polarimeter/work');
    expect(place('win32', { LOCALAPPDATA: '/local' })).toBe('/local/polarimeter/work');
    expect(place('linux', { POLARIMETER_WORK: '/scratch' })).toBe('/scratch');
  });

  it('loses what was used least recently first, until the rest is small enough', async () => {
    const names = ['up', 'down', 'gate'].map((part) => `model.layers.0.mlp.${part}_proj.weight`);
    for (const name of names) await make([{ ...RESTORE, tensors: { names: [name] } }]);
    const files = new Map(
      names.map((name) => {
        const edit = { ...RESTORE, tensors: { names: [name] } };
        return [
          name,
          openRecipe(recipe([edit]), folder).tensors.find((tensor) => tensor.name === name)!.file,
        ];
      }),
    );
    for (const [i, file] of [...files.values()].entries()) utimesSync(file, 1000 + i, 1000);
    await make([{ ...RESTORE, tensors: { names: [names[0]] } }]);
    expect(Math.floor(statSync(files.get(names[0]!)!).mtimeMs / 1000)).toBe(1000);
    const size = statSync(files.get(names[0]!)!).size;
    expect(pruneWork({ maxBytes: size })).toEqual({ files: 2, bytes: 2 * size });
    expect([...files.values()].map((file) => existsSync(file))).toEqual([true, false, false]);
    expect(pruneWork({ maxBytes: 0 }).files).toBe(1);
    expect(pruneWork({ maxBytes: 0 })).toEqual({ files: 0, bytes: 0 });
  });

  it('keeps what a process holds or writes, and takes a converted model as one', () => {
    const at = (path: string, seconds: number, text = 'some bytes'): void => {
      mkdirSync(join(work, path, '..'), { recursive: true });
      writeFileSync(join(work, path), text);
      utimesSync(join(work, path), seconds, seconds);
    };
    at('models/held/model.gguf', 1000);
    at('models/held/run.lock', 1000, `${String(process.pid)} 1\n`);
    at('models/left/model.gguf', 1000);
    at('models/left/model.json', 1000);
    at('models/left/run.lock', 1000, '999999999 1\n');
    at('tensors/aa/old.part', 1000);
    at('tensors/aa/new.part', Date.now() / 1000);
    expect(pruneWork({ maxBytes: 0 }).files).toBe(4);
    expect(
      filesIn(work)
        .map((file) => file.slice(work.length + 1))
        .sort(),
    ).toEqual(['models/held/model.gguf', 'models/held/run.lock', 'tensors/aa/new.part']);
  });
});
