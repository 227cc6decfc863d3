import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { openModel, openRecipe } from '../../src-main/recipes/openModel.ts';
import { readRecipe } from '../../src-main/recipes/readRecipe.ts';
import { recipeText, writeRecipe } from '../../src-main/recipes/recipeText.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { llamaLayout } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
const layout = llamaLayout();
for (const name of ['sft', 'base']) writeCheckpoint(join(folder, name), layout);

const recipe = Recipe.parse({
  schema: 'polarimeter.recipe/1',
  name: 'first layer reset',
  target: 'sft',
  inputs: { sft: { path: 'sft' }, base: { path: 'base' } },
  edits: [{ edit: 'take', from: 'base', tensors: { layers: ['0'] } }],
});

describe('take', () => {
  it('leads the tensors of a layer to the files of the donor, and the others to those of the target', () => {
    writeRecipe(join(folder, 'reset.yaml'), recipe);
    const checkpoint = openModel(join(folder, 'reset.yaml'));
    const names = layout.tensors.map(({ name }) => name);
    const own = names.filter((name) => name.includes('layers.0.'));
    expect(checkpoint.recipe).toMatchObject({ target: join(folder, 'sft'), edits: 1, made: [], taken: own });
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(names);
    for (const { name, file } of checkpoint.tensors) {
      expect(file).toBe(join(folder, own.includes(name) ? 'base' : 'sft', 'model.safetensors'));
    }
    expect(checkpoint).toMatchObject({
      format: 'recipe',
      title: 'first layer reset',
      path: join(folder, 'reset.yaml'),
    });
  });

  it('is the same from memory, from YAML and from JSON', () => {
    const text = recipeText(recipe);
    writeFileSync(join(folder, 'text.yaml'), text);
    writeRecipe(join(folder, 'text.json'), recipe);
    expect(text).toContain('layers: ["0"]');
    expect(readRecipe(join(folder, 'text.yaml'))).toEqual(recipe);
    expect(readRecipe(join(folder, 'text.json'))).toEqual(recipe);
    expect(recipeText(readRecipe(join(folder, 'text.json')))).toBe(
      readFileSync(join(folder, 'text.yaml'), 'utf8'),
    );
    expect(openRecipe(recipe, folder).tensors).toEqual(openModel(join(folder, 'text.json')).tensors);
  });
});
