import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { StudyOptions, type Progress, type StudyFile } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { writeRecipe } from '../../src-main/recipes/recipeText.ts';
import { holdFiles } from '../../src-main/study/pairSources.ts';
import { inspectPath } from '../../src-main/study/inspectPath.ts';
import { Study } from '../../src-main/study/Study.ts';
import { isMadeFile } from '../../src-main/tensors/madeFile.ts';
import { tinyModel } from '../cli/tinyModels.ts';
import { caught } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
const kernels = new Kernels({ threads: 2 });
const LIMITS = { memoryBytes: 2 ** 30, threads: 2 };
const DOWN = 'model.layers.1.mlp.down_proj.weight';
const work = join(folder, 'work');

beforeAll(() => {
  vi.stubEnv('POLARIMETER_WORK', work);
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1 });
});
afterAll(() => {
  vi.unstubAllEnvs();
  kernels[Symbol.dispose]();
});

let number = 0;
/** A recipe on `sft` with `base` as its donor, in a folder of its own. */
function recipeWith(...edits: object[]): string {
  const path = join(folder, `recipe-${String(++number)}.yaml`);
  const inputs = { sft: { path: './sft' }, base: { path: join(folder, 'base') } };
  writeRecipe(
    path,
    Recipe.parse({ schema: 'polarimeter.recipe/1', name: 'r', target: 'sft', inputs, edits }),
  );
  return path;
}

const rewrite = (path: string, ...edits: object[]): void => {
  const inputs = { sft: { path: './sft' }, base: { path: './base' } };
  writeRecipe(
    path,
    Recipe.parse({ schema: 'polarimeter.recipe/1', name: 'r', target: 'sft', inputs, edits }),
  );
};

function studyOf(recipe: string, at = join(folder, `study-${String(number)}`)): Study {
  const variant = { role: 'other', from: 'base', adapterBase: null, run: null, step: null } as const;
  const file: StudyFile = {
    schema: 'polarimeter.study/1',
    name: 'recipes',
    base: { path: join(folder, 'base') },
    variants: [
      { ...variant, label: 'sft', path: join(folder, 'sft') },
      { ...variant, label: 'recipe', path: recipe },
    ],
    options: StudyOptions.parse({}),
    notes: [],
  };
  return Study.create(at, file);
}

function codeOf(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (error instanceof PolarimeterError) return error.code;
    throw error;
  }
  return 'none';
}

/** Relative update norm of one tensor in a variant. */
function updateOf(study: Study, variant: string, tensor = DOWN): number {
  const rows = study.rows({
    level: ['tensor'],
    variant: [variant],
    tensor: [tensor],
    measure: ['update.relative-norm'],
  });
  const value = rows.find((row) => row.measure === 'update.relative-norm')?.value;
  return typeof value === 'number' ? value : NaN;
}

const run = (study: Study, progress: Progress[] = []): Promise<Progress> =>
  study.run(kernels, { limits: LIMITS, onProgress: (at) => progress.push(at) });

const HALF = { edit: 'interpolate', to: 'base', amount: 0.5 };
const TAKE = { edit: 'take', from: 'base', tensors: { layers: ['1'] } };

describe('a study with a recipe as a variant', () => {
  it('measures tensors that are taken as those of the other checkpoint', async () => {
    using study = studyOf(recipeWith(TAKE));
    expect((await run(study)).state).toBe('done');
    expect(updateOf(study, 'recipe')).toBe(0);
    const first = 'model.layers.0.mlp.down_proj.weight';
    expect(updateOf(study, 'recipe', first)).toBe(updateOf(study, 'sft', first));
  });

  it('makes what is missing first, in a stage of its own, and measures it like any other', async () => {
    using study = studyOf(recipeWith(HALF));
    const seen: Progress[] = [];
    const last = await run(study, seen);
    expect(last).toMatchObject({ state: 'done', done: 8 });
    expect(last.stages.make.tensors).toBe(8);
    expect(last.stages.make.millis).toBeGreaterThan(0);
    expect(readFileSync(join(study.folder, 'run.log'), 'utf8')).toMatch(
      /"event":"made".*recipe: 8 tensors are made/,
    );
    // Half the way, up to rounding to bf16.
    expect(updateOf(study, 'recipe') / updateOf(study, 'sft')).toBeCloseTo(0.5, 1);
  });

  it('keeps its results when the work folder was emptied, and makes nothing again for them', async () => {
    const recipe = recipeWith(HALF);
    using study = studyOf(recipe);
    await run(study);
    const value = updateOf(study, 'recipe');
    rmSync(work, { recursive: true });
    using reopened = Study.open(study.folder);
    expect(updateOf(reopened, 'recipe')).toBe(value);
    expect(reopened.estimate(kernels, LIMITS)).toMatchObject({ tensors: 8, cached: 8 });
    expect(await run(reopened)).toMatchObject({ state: 'done', cached: 8 });
    expect(existsSync(work)).toBe(false);
  });

  it('forgets results of another text of the recipe', async () => {
    const recipe = recipeWith(HALF);
    using study = studyOf(recipe);
    await run(study);
    rewrite(recipe, { ...HALF, amount: 0.25 });
    expect(study.changedFiles()).toHaveLength(1);
    using reopened = Study.open(study.folder);
    expect(reopened.estimate(kernels, LIMITS).cached).toBe(0);
    expect(updateOf(reopened, 'recipe')).toBeNaN();
    await run(reopened);
    expect(updateOf(reopened, 'recipe') / updateOf(reopened, 'sft')).toBeCloseTo(0.75, 1);
  });

  it('tells what its cost is before anything is made', () => {
    using study = studyOf(recipeWith(HALF, { ...HALF, amount: 0.1 }));
    const { tensors, cached, largestTensorBytes } = study.estimate(kernels, LIMITS);
    expect([tensors, cached]).toEqual([8, 0]);
    expect(largestTensorBytes).toBeGreaterThan(0);
  });

  it('has no tiles before it is made', async () => {
    using study = studyOf(recipeWith({ ...HALF, amount: 0.3 }));
    const pair = study.pairSources(DOWN, ['recipe']);
    expect(codeOf(() => holdFiles(kernels, pair))).toBe('recipe-not-made');
    await run(study);
    holdFiles(kernels, pair)[Symbol.dispose]();
    expect(study.changedFiles()).toEqual([]);
  });

  it('is cancelled while it makes tensors', async () => {
    using study = studyOf(recipeWith({ ...HALF, amount: 0.4 }));
    const controller = new AbortController();
    const onProgress = ({ stage }: Progress): void => {
      if (stage === 'make') controller.abort();
    };
    const last = await study.run(kernels, { limits: LIMITS, signal: controller.signal, onProgress });
    expect(last).toMatchObject({ state: 'cancelled', done: 0, stage: null });
    expect((await run(study)).state).toBe('done');
  });

  it('fails where a recipe fails, with its words', async () => {
    const inputs = { sft: { path: './sft', fingerprint: '0'.repeat(32) } };
    const edits = [{ edit: 'scale-update', since: 'sft', factor: 0.5 }];
    const path = join(folder, 'pinned.yaml');
    writeRecipe(
      path,
      Recipe.parse({ schema: 'polarimeter.recipe/1', name: 'p', target: 'sft', inputs, edits }),
    );
    using study = studyOf(path, join(folder, 'study-pinned'));
    await expect(run(study)).rejects.toMatchObject({ code: 'recipe-input-changed' });
  });

  it('may lie beside the recipe, but not in a folder that the recipe reads', () => {
    const recipe = recipeWith(HALF);
    studyOf(recipe, join(folder, 'beside'))[Symbol.dispose]();
    for (const input of ['sft', 'base'])
      expect(codeOf(() => studyOf(recipe, join(folder, input, 'study')))).toBe('source-folder');
  });

  it('is told when a checkpoint behind a recipe changes', () => {
    tinyModel(folder, 'donor', { change: 0.2, seed: 5 });
    const path = join(folder, 'with-donor.yaml');
    const inputs = { sft: { path: 'sft' }, donor: { path: 'donor' } };
    const edits = [{ edit: 'interpolate', to: 'donor', amount: 0.5 }];
    writeRecipe(
      path,
      Recipe.parse({ schema: 'polarimeter.recipe/1', name: 'd', target: 'sft', inputs, edits }),
    );
    using study = studyOf(path, join(folder, 'study-donor'));
    expect(study.changedFiles()).toEqual([]);
    utimesSync(join(folder, 'donor', 'model.safetensors'), 1, 1);
    expect(study.changedFiles()).toHaveLength(1);
  });
});

describe('a recipe', () => {
  it('is inspected as a checkpoint, before it is made', () => {
    const found = inspectPath(recipeWith(TAKE, { ...HALF, tensors: { layers: ['0'] } }));
    if (found.kind !== 'checkpoint') expect.fail(found.kind);
    const { checkpoint, roles } = found;
    expect(checkpoint).toMatchObject({ format: 'recipe', title: 'r', recipe: { edits: 2 } });
    expect(checkpoint.recipe?.taken).toHaveLength(3);
    expect(checkpoint.recipe?.made).toHaveLength(3);
    expect(checkpoint.files.filter(isMadeFile)).toHaveLength(3);
    expect(roles).toHaveLength(8);
  });

  it('that is none is told with line and field', () => {
    const recipe = recipeWith(TAKE);
    writeFileSync(recipe, readFileSync(recipe, 'utf8').replace('from: base', 'from: bas'));
    const error = caught(() => inspectPath(recipe));
    expect([error.code, error.message]).toEqual([
      'recipe-invalid',
      expect.stringMatching(/^line 1\d, edit 1, from: no input is called "bas"; did you mean "base"\?$/),
    ]);
  });
});
