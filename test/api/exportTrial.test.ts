import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExportPlace, exportTrial } from '../../src-main/api/exportTrial.ts';
import type { ExportWatch } from '../../src-main/api/SweepEngine.ts';
import type { ExportProgress } from '../../src-main/contract/exportState.ts';
import type { Edit } from '../../src-main/contract/recipe.ts';
import type { ExportTrial, Trial } from '../../src-main/contract/sweep.ts';
import { sweepServices } from '../../src-main/experiments/services.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { openModel } from '../../src-main/recipes/openModel.ts';
import { readRecipe } from '../../src-main/recipes/readRecipe.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { smallCheckpoint } from './workbench.ts';

const home = tempFolder();
const kernels = new Kernels({ threads: 2 });
const services = sweepServices(kernels, { memoryBytes: 2 ** 30, env: {} });
const work = process.env['POLARIMETER_WORK'];
let place: Omit<ExportPlace, 'watch'>;
let models: { target: string; donor: string };

beforeAll(() => {
  process.env['POLARIMETER_WORK'] = join(home, 'work');
  mkdirSync(join(home, 'sweep'));
  models = { target: smallCheckpoint(join(home, 'sft'), 1), donor: smallCheckpoint(join(home, 'base'), 0) };
  place = { folder: join(home, 'sweep'), services, kernels };
});
afterAll(() => {
  if (work === undefined) delete process.env['POLARIMETER_WORK'];
  else process.env['POLARIMETER_WORK'] = work;
  kernels[Symbol.dispose]();
});

function trial(edit: Edit): Trial {
  const recipe = {
    schema: 'polarimeter.recipe/1' as const,
    name: 'a repair',
    target: 'target',
    inputs: { target: { path: models.target }, donor: { path: models.donor } },
    edits: [edit],
    seed: 1,
    notes: [],
  };
  const rest = { part: null, controlOf: [], parameters: {}, confounds: [] };
  return { id: 'a', label: 'a repair', kind: 'repair', family: 'take', recipe, ...rest };
}

const taken = (): Trial => trial({ edit: 'take', from: 'donor', tensors: { layers: ['0'] } });
const unwatched = (): ExportWatch => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
});
const write = (own: Trial, as: ExportTrial['as'], path: string, watch = unwatched()) =>
  exportTrial(own, { trial: own.id, as, path }, { ...place, watch });

describe('a trial as a file of its own', () => {
  it('recipe: its inputs are pinned, folders are made, and it opens as the same model', async () => {
    const path = join(home, 'out', 'deep', 'repair.yaml');
    const { bytes } = await write(taken(), 'recipe', path);
    expect(bytes).toBe(statSync(path).size);
    expect(readRecipe(path).inputs['donor']!.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(openModel(path).tensors).toHaveLength(3);
  });

  it('checkpoint: layer 0 of the donor and the others of the target, bit for bit, with its provenance', async () => {
    const path = join(home, 'out', 'checkpoint');
    await write(taken(), 'checkpoint', path);
    expect(existsSync(join(path, 'polarimeter-provenance.json'))).toBe(true);
    const signal = new AbortController().signal;
    const content = async (file: string, layer: number) => {
      const { tensors } = openModel(file);
      return services.modelFingerprint(
        {
          ...openModel(file),
          tensors: tensors.filter(({ name }) => name.includes(`layers.${String(layer)}.`)),
        },
        signal,
      );
    };
    expect(await content(path, 0)).toBe(await content(models.donor, 0));
    expect(await content(path, 0)).not.toBe(await content(models.target, 0));
    expect(await content(path, 2)).toBe(await content(models.target, 2));
  });

  it('mergekit: where it can be expressed; else it says which edit cannot, and writes nothing', async () => {
    const path = join(home, 'out', 'half.yml');
    await write(trial({ edit: 'interpolate', to: 'donor', amount: 0.5 }), 'mergekit', path);
    expect(readFileSync(path, 'utf8')).toContain('merge_method: linear');
    const restore = trial({
      edit: 'restore',
      from: 'donor',
      top: 4,
      values: 'target',
      vectors: 'donor',
      variant: 'paper',
    });
    const other = join(home, 'out', 'other.yml');
    await expect(write(restore, 'mergekit', other)).rejects.toMatchObject({ code: 'recipe-not-expressible' });
    expect(existsSync(other)).toBe(false);
  });

  it('tells of tensors while they are made, then of bytes; cancelled in each stage it leaves no file and no folder', async () => {
    const half = trial({ edit: 'interpolate', to: 'donor', amount: 0.25 });
    const told: ExportProgress[] = [];
    const signal = new AbortController().signal;
    const onProgress = (progress: ExportProgress): void => void told.push(progress);
    await write(half, 'checkpoint', join(home, 'told'), { signal, onProgress });
    expect(told.filter(({ stage }) => stage === 'make').at(-1)).toEqual({ stage: 'make', done: 3, total: 3 });
    const bytes = 3 * 32 * 32 * 2;
    for (const stage of ['write', 'verify'] as const)
      expect(told.filter((each) => each.stage === stage).at(-1)).toEqual({
        stage,
        done: bytes,
        total: bytes,
      });
    for (const stage of ['make', 'write', 'verify'] as const) {
      const abort = new AbortController();
      const stop = (progress: ExportProgress): void => {
        if (progress.stage === stage) abort.abort();
      };
      const path = join(home, 'cancelled', stage, 'checkpoint');
      const asked = write(half, 'checkpoint', path, { signal: abort.signal, onProgress: stop });
      await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
      expect(existsSync(join(home, 'cancelled'))).toBe(false);
    }
  });

  it('GGUF tells its bytes; cancelled half-way it leaves no file and no folder', async () => {
    const own = trial({ edit: 'interpolate', to: 'donor', amount: 0.5 });
    const demo = (name: string) => ({ path: join(import.meta.dirname, '../../resources/demo', name) });
    const inputs = { target: demo('sft/checkpoint-240'), donor: demo('base') };
    const repair = { ...own, recipe: { ...own.recipe!, inputs } };
    const told: ExportProgress[] = [];
    const abort = new AbortController();
    const onProgress = (progress: ExportProgress): void => {
      told.push(progress);
      if (progress.stage === 'write' && progress.done > progress.total / 2) abort.abort();
    };
    const path = join(home, 'half', 'repair.gguf');
    await expect(write(repair, 'gguf', path, { signal: abort.signal, onProgress })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(told.at(-1)!.done).toBeLessThan(told.at(-1)!.total);
    expect(existsSync(join(home, 'half'))).toBe(false);
    const { bytes } = await write(repair, 'gguf', path);
    expect(bytes).toBe(statSync(path).size);
  });

  it('GGUF of a model that cannot be converted says why, and leaves nothing', async () => {
    const path = join(home, 'out', 'repair.gguf');
    await expect(write(taken(), 'gguf', path)).rejects.toMatchObject({
      code: expect.stringMatching(/^(model|tokenizer|config)-/) as string,
    });
    expect(existsSync(path)).toBe(false);
  });

  it('is never written into a folder that is read, and an unedited model is none', async () => {
    const inside = join(models.donor, 'repair.yaml');
    await expect(write(taken(), 'recipe', inside)).rejects.toMatchObject({ code: 'source-folder' });
    expect(existsSync(inside)).toBe(false);
    const model: Trial = { ...taken(), kind: 'model', recipe: null };
    await expect(write(model, 'recipe', join(home, 'x.yaml'))).rejects.toMatchObject({ code: 'usage' });
  });
});
