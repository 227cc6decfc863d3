import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { isRecipeFile } from '../../src-main/recipes/isRecipeFile.ts';
import { openModel, openRecipe } from '../../src-main/recipes/openModel.ts';
import { parseRecipe, readRecipe } from '../../src-main/recipes/readRecipe.ts';
import { recipeText, writeRecipe } from '../../src-main/recipes/recipeText.ts';
import { caught } from '../fixtures/caught.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { llamaLayout } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
writeCheckpoint(join(folder, 'sft'), llamaLayout());
writeCheckpoint(join(folder, 'base'), llamaLayout());
writeCheckpoint(join(folder, 'wide'), llamaLayout({ headDim: 5 }));
writeCheckpoint(join(folder, 'short'), llamaLayout({ layers: 1 }));

const HEAD = `schema: polarimeter.recipe/1
name: test
target: sft
inputs:
  sft: {path: sft}
  base: {path: base}
  wide: {path: wide}
  short: {path: short}
edits:
`;
const parse = (edits: string): Recipe => parseRecipe(`${HEAD}${edits}`, 'test.yaml');

describe('a recipe file', () => {
  it('is told by its ending, or where it is JSON by its schema', () => {
    const at = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    expect(isRecipeFile(at('a.yaml', ''))).toBe(true);
    expect(isRecipeFile(at('a.YML', ''))).toBe(true);
    expect(isRecipeFile(at('a.json', '{"schema": "polarimeter.recipe/1"}'))).toBe(true);
    expect(isRecipeFile(at('model.safetensors.index.json', '{"weight_map": {}}'))).toBe(false);
    expect(isRecipeFile(at('a.safetensors', ''))).toBe(false);
    expect(isRecipeFile(join(folder, 'missing.yaml'))).toBe(false);
    expect(isRecipeFile(join(folder, 'sft'))).toBe(false);
  });

  it('holds every edit, and reads as it was written', () => {
    const recipe = Recipe.parse({
      schema: 'polarimeter.recipe/1',
      name: 'every edit: "quoted", #hash',
      target: 'a',
      inputs: { a: { path: './with space, and comma' }, b: { path: '/b', fingerprint: '0'.repeat(32) } },
      edits: [
        { edit: 'take', from: 'b', tensors: { layers: ['0-3', '7'], kinds: ['norm'], shapes: [[2, 3]] } },
        { edit: 'restore', from: 'b', top: '12.5 %', bottom: 3, band: [4, 9], variant: 'orthonormal' },
        { edit: 'interpolate', to: 'b', amount: -0.25 },
        { edit: 'scale-update', since: 'b', factor: 1e-3 },
        { edit: 'truncate-update', since: 'b', rank: 1, norm: 'restored' },
        { edit: 'mask-update', since: 'b', mask: { kind: 'principal', share: 0.3, rank: 64 } },
        { edit: 'mask-update', since: 'b', mask: { kind: 'changed-by', by: 'a' }, complement: true },
        { edit: 'svf', experts: [{ fit: 'b', weight: 0.5 }, { z: [1, 2] }], norm: 'nuclear' },
        { edit: 'rotate-heads', rotation: 'hadamard', layers: ['20'] },
        { edit: 'permute-heads', order: [1, 0] },
        { edit: 'matched-step', like: [{ edit: 'restore', from: 'b', top: 8 }], direction: { to: 'b' } },
      ],
      seed: 2 ** 53 - 1,
      notes: ['null', '3', 'a note of several words that is longer than what stays on one line'],
    });
    for (const name of ['every.yaml', 'every.json']) {
      writeRecipe(join(folder, name), recipe);
      expect(readRecipe(join(folder, name))).toEqual(recipe);
    }
    expect(recipeText(readRecipe(join(folder, 'every.json')))).toBe(recipeText(recipe));
  });

  it.each([
    ['a field that is not there', '  - edit: take\n    form: base\n', 10, 'edit 1'],
    ['an edit that does not exist', '  - edit: take\n    from: base\n  - edit: takes\n', 12, 'edit 2'],
    [
      'an input that is not there',
      '  - edit: take\n    from: bass\n',
      11,
      'no input is called "bass"; did you mean "base"?',
    ],
    [
      'directions that are no number',
      '  - edit: restore\n    from: base\n    top: 110 %\n',
      12,
      'directions are a number, or a share',
    ],
    ['a restoration of nothing', '  - edit: restore\n    from: base\n', 10, 'give top, bottom or band'],
    [
      'a restoration of the target',
      '  - {edit: restore, from: base, top: 1, values: target, vectors: target}\n',
      10,
      'it restores nothing',
    ],
    ['a backward band', '  - {edit: restore, from: base, band: [9, 4]}\n', 10, 'ends before it begins'],
    [
      'backward layers',
      '  - {edit: take, from: base, tensors: {layers: [5-2]}}\n',
      10,
      'the layers 5-2 are backwards',
    ],
    [
      'an expert of two kinds',
      '  - {edit: svf, experts: [{z: 1, fit: base}]}\n',
      10,
      'expert 1 has either fit or z',
    ],
    [
      'a rank of nothing',
      '  - {edit: truncate-update, since: base, rank: 0 %, norm: restored}\n',
      10,
      'no norm that could be restored',
    ],
    ['no permutation', '  - {edit: permute-heads, order: [0, 2]}\n', 10, 'no permutation of 0 to 1'],
    [
      'a fault inside a matched step',
      '  - edit: matched-step\n    direction: random\n    like:\n      - {edit: take, from: nobody}\n',
      13,
      'edit 1, like[0].from: no input',
    ],
    ['text that is not YAML', '  - {edit: take\n', 11, ''],
  ])('with %s is refused by line and field', (_what, edits, line, message) => {
    const error = caught(() => parse(edits));
    expect(error.code).toBe('recipe-invalid');
    expect(error.where).toBe('test.yaml');
    expect(error.message).toContain(`line ${String(line)}`);
    expect(error.message).toContain(message);
  });

  it.each([
    [
      'a target that is not there',
      HEAD.replace('target: sft', 'target: nobody').replace('edits:', 'edits: []'),
      'target',
    ],
    ['another schema', HEAD.replace('recipe/1', 'recipe/2').replace('edits:', 'edits: []'), 'line 1, schema'],
    [
      'too many aliases',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${'*a,'.repeat(30)}]\nc: [${'*b,'.repeat(30)}]\n`,
      'alias',
    ],
  ])('with %s is refused', (_what, text, message) => {
    const error = caught(() => parseRecipe(text, 'test.yaml'));
    expect(error.code).toBe('recipe-invalid');
    expect(error.message).toContain(message);
  });
});

it('layers need no quotes', () => {
  const [edit] = parse('  - {edit: take, from: base, tensors: {layers: [3, 5-7]}}').edits;
  expect(edit).toMatchObject({ tensors: { layers: ['3', '5-7'] } });
  expect(caught(() => parse('  - {edit: take, from: base, tensors: {layers: [1.5]}}')).message).toContain(
    'layers are written "3-7" or "3"',
  );
});

describe('a recipe that meets its inputs is refused', () => {
  const refused = (edits: string): string => {
    const error = caught(() => openRecipe(parse(edits), folder));
    expect(error.code).toBe('recipe-invalid');
    return error.message;
  };

  it('when an edit selects nothing', () => {
    expect(refused('  - {edit: take, from: base, tensors: {layers: ["9"]}}')).toBe(
      'edit 1: it selects no tensor of the target',
    );
    expect(refused('  - {edit: restore, from: base, top: 1, tensors: {kinds: [norm]}}')).toContain(
      'of shape [12] has no singular directions',
    );
  });

  it('when a donor lacks a tensor, or has it in another shape', () => {
    expect(refused('  - {edit: take, from: short}')).toContain('"short" has no tensor "model.layers.1.');
    expect(
      refused(
        '  - {edit: interpolate, to: wide, amount: 0.5, tensors: {modules: [self_attn.q_proj, q_proj]}}',
      ),
    ).toContain('has another shape: [20, 12] there and [12, 12] in the target');
  });

  it('when recipes are inputs of each other in a circle, or too deep', () => {
    const write = (name: string, target: string): string => {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(path, HEAD.replace('edits:', 'edits: []').replace('{path: sft}', `{path: ${target}}`));
      return path;
    };
    write('one', 'two.yaml');
    const circle = caught(() => openModel(write('two', 'one.yaml')));
    expect(circle).toMatchObject({ code: 'recipe-invalid' });
    expect(circle.message).toMatch(/in a circle: ".*two\.yaml" on ".*one\.yaml" on ".*two\.yaml"/);
    write('deep 0', 'sft');
    for (let depth = 1; depth < 9; depth++) write(`deep ${String(depth)}`, `deep ${String(depth - 1)}.yaml`);
    expect(openModel(join(folder, 'deep 7.yaml')).recipe?.made).toEqual([]);
    expect(caught(() => openModel(join(folder, 'deep 8.yaml'))).message).toContain('more than 8 recipes');
  });

  it('when an input is not there: by the name of the input', () => {
    const recipe = { ...parse('  []'), inputs: { sft: { path: 'nowhere' } } };
    const error = caught(() => openRecipe(recipe, folder));
    expect(error.code).toBe('path-not-found');
    expect(error.message).toContain('input "sft" of "test"');
  });
});

it('names select by pattern, stars stand for anything', () => {
  const taken = (names: string): string[] =>
    openRecipe(parse(`  - {edit: take, from: base, tensors: {names: [${names}]}}`), folder).recipe?.taken ??
    [];
  expect(taken('model.norm.weight')).toEqual(['model.norm.weight']);
  expect(taken('"*norm*"')).toHaveLength(5);
  expect(taken('"model.layers.*.mlp.up_proj.weight"')).toHaveLength(2);
  expect(taken('"*.0.*q_proj*"')).toEqual(['model.layers.0.self_attn.q_proj.weight']);
  expect(caught(() => taken('"*.0.*.0.*"')).code).toBe('recipe-invalid');
});
