import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { DiffDocument, ErrorDocument, InspectionDocument } from '../../src-main/cli/documents.ts';
import {
  CacheDocument,
  MadeDocument,
  MergekitDocument,
  PrunedDocument,
  RecipeFileDocument,
  RecipePlan,
  WrittenDocument,
} from '../../src-main/cli/recipeDocuments.ts';
import { ERROR_KINDS } from '../../src-main/contract/errors.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);
const json = async (...argv: string[]): Promise<unknown> =>
  JSON.parse((await run(...argv, '--json')).stdout) as unknown;
const errorOf = async (...argv: string[]): Promise<string> =>
  ErrorDocument.parse(await json(...argv)).error.code;
const at = (name: string): string => join(folder, name);
const readRecipe = (name: string): Recipe => Recipe.parse(parse(readFileSync(at(name), 'utf8')));

beforeAll(() => {
  vi.stubEnv('POLARIMETER_WORK', at('work'));
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1 });
  writeFileSync(at('sft/tokenizer.json'), '{}');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const HALF = ['--donor', 'base', '--amount', '0.5'];

describe('reset', () => {
  it('makes a shallow reset of a share of the layers, and prints it', async () => {
    const { code, stdout, stderr } = await run('reset', 'sft', '--donor', 'base', '--layers', 'first 50%');
    expect([code, stderr]).toEqual([0, '']);
    expect(Recipe.parse(parse(stdout))).toMatchObject({
      name: 'sft, reset of layers 0',
      target: 'target',
      inputs: { target: { path: at('sft') }, donor: { path: at('base') } },
      edits: [{ edit: 'take', from: 'donor', tensors: { layers: ['0'] } }],
    });
  });

  it('restores directions, with paths relative to the file that it writes', async () => {
    const argv = [
      'reset',
      'sft',
      '--donor',
      'base',
      '--top',
      '25%',
      '--values',
      'target',
      '--variant',
      'orthonormal',
    ];
    const { code } = await run(...argv, '--modules', 'q_proj', '--out', 'top.yaml');
    expect(code).toBe(0);
    const { inputs, edits } = readRecipe('top.yaml');
    expect(inputs).toEqual({ target: { path: './sft' }, donor: { path: './base' } });
    expect(edits).toEqual([
      {
        edit: 'restore',
        from: 'donor',
        top: '25%',
        values: 'target',
        vectors: 'donor',
        variant: 'orthonormal',
        tensors: { modules: ['q_proj'] },
      },
    ]);
  });

  it('takes a band of directions', async () => {
    const document = RecipeFileDocument.parse(await json('reset', 'sft', '--donor', 'base', '--band', '2-5'));
    expect(document).toMatchObject({ path: null, recipe: { edits: [{ edit: 'restore', band: [2, 5] }] } });
  });

  it.each([
    ['two ways at once', ['--amount', '0.5', '--top', '4'], 'usage'],
    ['values of no directions', ['--values', 'target'], 'usage'],
    ['a band that ends before it begins', ['--band', '9-2'], 'usage'],
    ['a kind that there is not', ['--kinds', 'fish'], 'usage'],
    ['layers that there are not', ['--layers', '7'], 'recipe-invalid'],
    ['a module that there is not', ['--modules', 'fish'], 'recipe-invalid'],
    ['what would do nothing', ['--top', '1', '--values', 'target', '--vectors', 'target'], 'recipe-invalid'],
  ])('refuses %s', async (_what, options, code) => {
    expect(await errorOf('reset', 'sft', '--donor', 'base', ...options)).toBe(code);
  });

  it('never replaces a file that is no recipe, and a recipe only when asked', async () => {
    writeFileSync(at('notes.txt'), 'mine');
    expect((await run('reset', 'sft', ...HALF, '--out', 'twice.yaml')).code).toBe(0);
    expect(await errorOf('reset', 'sft', ...HALF, '--out', 'twice.yaml')).toBe('output-exists');
    expect((await run('reset', 'sft', ...HALF, '--out', 'twice.yaml', '--force')).code).toBe(0);
    expect(await errorOf('reset', 'sft', ...HALF, '--out', 'notes.txt', '--force')).toBe('output-exists');
    expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine');
  });

  it('says that the donor is not there', async () => {
    expect(await errorOf('reset', 'sft', '--donor', 'nowhere')).toBe('path-not-found');
    expect(await errorOf('reset', 'sft')).toBe('usage');
  });
});

describe('recipe new', () => {
  it('writes a commented example that is a recipe', async () => {
    const { stdout } = await run('recipe', 'new', 'example.yaml', '--target', './sft', '--donor', './base');
    expect(stdout).toBe(`${at('example.yaml')}\n`);
    expect(readFileSync(at('example.yaml'), 'utf8')).toContain('# - { edit: matched-step');
    expect((await run('recipe', 'show', 'example.yaml')).code).toBe(0);
  });

  it('has an example of every kind of edit that follows the schema', async () => {
    const { stdout } = await run('recipe', 'new');
    const uncommented = stdout.replaceAll('  # - {', '  - {');
    const { edits } = Recipe.parse(parse(uncommented));
    expect(new Set(edits.map(({ edit }) => edit)).size).toBe(10);
  });

  it('builds one from options', async () => {
    expect(
      (await run('recipe', 'new', 'built.yaml', '--target', 'sft', ...HALF, '--name', 'half')).code,
    ).toBe(0);
    expect(readRecipe('built.yaml')).toMatchObject({
      name: 'half',
      edits: [{ edit: 'interpolate', amount: 0.5 }],
    });
    expect(await errorOf('recipe', 'new', '--amount', '0.5', '--target', 'sft')).toBe('usage');
  });
});

describe('recipe show, make and pin', () => {
  beforeAll(async () => {
    await run('reset', 'sft', ...HALF, '--layers', '0', '--out', 'half.yaml');
  });

  it('says what it changes and costs, before and after it is made', async () => {
    const before = RecipePlan.parse(await json('recipe', 'show', 'half.yaml'));
    expect(before).toMatchObject({ computed: 3, missing: 3, taken: 0, edits: [{ tensors: 3, computed: 3 }] });
    expect(before.largest).toEqual({
      tensor: 'model.layers.0.mlp.down_proj.weight',
      shape: [16, 24],
      float64Bytes: 8 * 16 * 24,
    });
    expect((await run('recipe', 'show', 'half.yaml')).stdout).toContain('To be made: 3 tensors, 1.28 KiB');
    const made = MadeDocument.parse(await json('recipe', 'make', 'half.yaml'));
    expect(made.tensors.map(({ taken }) => taken)).toEqual([false, false, false]);
    expect(made.tensors.every(({ moved }) => (moved ?? 0) > 0)).toBe(true);
    const { stdout } = await run('recipe', 'show', 'half.yaml');
    expect(stdout).toContain('Everything that has to be computed is in the work folder.');
    expect((await run('recipe', 'make', 'half.yaml')).stdout).toMatch(
      /\n3 tensors are made: 1\.28 KiB; 0 are taken/,
    );
  });

  it('pins inputs in place, and tells another checkpoint at the same path', async () => {
    tinyModel(folder, 'donor', { change: 0.3, seed: 3 });
    await run('reset', 'sft', '--donor', 'donor', '--amount', '0.5', '--out', 'pinned.yaml');
    const { recipe } = RecipeFileDocument.parse(await json('recipe', 'pin', 'pinned.yaml'));
    expect(readRecipe('pinned.yaml')).toEqual(recipe);
    expect(recipe.inputs['donor']?.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect((await run('recipe', 'make', 'pinned.yaml')).code).toBe(0);
    tinyModel(folder, 'donor', { change: 0.3, seed: 4 });
    const { code, stderr } = await run('recipe', 'make', 'pinned.yaml');
    expect(code).toBe(5);
    expect(stderr).toContain('pinned to');
  });

  it('refuses what is no recipe', async () => {
    expect(await errorOf('recipe', 'show', 'sft')).toBe('usage');
    expect(await errorOf('recipe', 'show', 'nowhere.yaml')).toBe('path-not-found');
    writeFileSync(at('wrong.yaml'), 'schema: polarimeter.recipe/1\nname: x\n');
    expect(await errorOf('recipe', 'make', 'wrong.yaml')).toBe('recipe-invalid');
  });
});

describe('recipe mergekit', () => {
  it('prints the configuration, or the reason why there is none', async () => {
    await run('reset', 'sft', ...HALF, '--out', 'whole.yaml');
    const { code, stdout } = await run('recipe', 'mergekit', 'whole.yaml');
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({ merge_method: 'linear', base_model: at('sft') });
    await run('reset', 'sft', '--donor', 'base', '--top', '2', '--out', 'directed.yaml');
    const refused = await run('recipe', 'mergekit', 'directed.yaml');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('edit 1 (restore) works on singular directions');
    expect(refused.stderr).toContain(ERROR_KINDS['recipe-not-expressible'].remedy);
    const document = MergekitDocument.parse(await json('recipe', 'mergekit', 'directed.yaml'));
    expect(document.text).toBeNull();
    expect(document.reason).toContain('singular directions');
  });

  it('writes a file, and replaces none', async () => {
    expect((await run('recipe', 'mergekit', 'whole.yaml', '--out', 'merge.yml')).code).toBe(0);
    expect(parse(readFileSync(at('merge.yml'), 'utf8'))).toHaveProperty('slices');
    expect(await errorOf('recipe', 'mergekit', 'whole.yaml', '--out', 'merge.yml')).toBe('output-exists');
  });
});

describe('a recipe as a checkpoint', () => {
  beforeAll(async () => {
    await run('reset', 'sft', ...HALF, '--out', 'model.yaml');
  });

  it('is inspected', async () => {
    const { inspection } = InspectionDocument.parse(await json('inspect', 'model.yaml'));
    expect(inspection).toMatchObject({
      kind: 'checkpoint',
      checkpoint: { format: 'recipe', parameters: 1648 },
    });
    expect((await run('inspect', 'model.yaml')).stdout).toMatch(
      /\nrecipe +1 edit of .*sft: 0 tensors .*, 8 computed\n/,
    );
  });

  it('is written, and is then the same for diff and compare', async () => {
    const written = WrittenDocument.parse(
      await json('write', 'model.yaml', '--out', 'written', '--shard-size', '1500'),
    );
    expect(written.files).toHaveLength(3);
    expect(written.provenance.recipe?.tensors).toHaveLength(8);
    expect(written.provenance.recipe?.inputs.map(({ path }) => path)).toEqual([at('sft'), at('base')]);
    expect(readdirSync(at('written'))).toEqual(
      expect.arrayContaining(['config.json', 'tokenizer.json', 'README.md']),
    );
    const difference = DiffDocument.parse(await json('diff', 'model.yaml', 'written'));
    expect([difference.same, difference.tensors.length]).toEqual([true, 8]);
    expect((await run('diff', 'model.yaml', 'sft')).code).toBe(1);
    const compared = await run(
      'compare',
      'model.yaml',
      '--other',
      'w=written',
      '--out',
      'same',
      '--measures',
      'update.unchanged',
    );
    expect(compared.stdout).toMatch(/Weights unchanged \(bf16\) +100 %/);
  });

  it('is a variant of a study, made by its run', async () => {
    await run('reset', 'sft', '--donor', 'base', '--amount', '0.1', '--out', 'tenth.yaml');
    const { code, stdout, stderr } = await run(
      'compare',
      'base',
      '--sft',
      'sft',
      '--other',
      'tenth=./tenth.yaml',
      '--out',
      'study',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('8 tensors done');
    expect(stdout).toMatch(/OTHER\n.*tenth/);
  });

  it('is not written into its sources, nor over other things', async () => {
    expect(await errorOf('write', 'model.yaml', '--out', 'sft/out')).toBe('source-folder');
    expect(await errorOf('write', 'model.yaml', '--out', 'base')).toBe('source-folder');
    expect(await errorOf('write', 'model.yaml', '--out', 'study', '--force')).toBe('output-exists');
    expect(existsSync(at('study/study.json'))).toBe(true);
  });

  it('needs no more memory than it is given, and says so', async () => {
    await run('reset', 'sft', '--donor', 'base', '--amount', '0.2', '--out', 'fifth.yaml');
    const { code, stderr } = await run('recipe', 'make', 'fifth.yaml', '--memory', '257MiB');
    expect([code, stderr]).toEqual([0, '']);
    await run('reset', 'sft', '--donor', 'base', '--amount', '0.21', '--out', 'other.yaml');
    expect(await errorOf('recipe', 'make', 'other.yaml', '--memory', '256MiB')).toBe('memory-budget');
  });
});

describe('cache', () => {
  it('says what the work folder holds, and removes it', async () => {
    await run('reset', 'sft', '--donor', 'base', '--amount', '0.6', '--out', 'cached.yaml');
    await run('recipe', 'make', 'cached.yaml');
    const before = CacheDocument.parse(await json('cache', 'ls'));
    const tensors = before.entries.find(({ kind }) => kind === 'tensors made for recipes');
    expect(tensors?.files).toBeGreaterThanOrEqual(8);
    expect((await run('cache', 'ls')).stdout).toMatch(/\ntensors made for recipes +\d+ +[\d.]+ KiB\n/);
    const kept = PrunedDocument.parse(await json('cache', 'prune', '--max-size', '1GB'));
    expect(kept.files).toBe(0);
    const removed = PrunedDocument.parse(await json('cache', 'prune'));
    expect([removed.files, removed.bytes]).toEqual([before.files, before.bytes]);
    expect(CacheDocument.parse(await json('cache', 'ls'))).toMatchObject({ files: 0, bytes: 0 });
    expect(RecipePlan.parse(await json('recipe', 'show', 'cached.yaml')).missing).toBe(8);
  });
});
