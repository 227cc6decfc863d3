import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeTensors } from '../../src-main/architecture/describeTensors.ts';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { mergekitText } from '../../src-main/exports/mergekit.ts';
import { writeRecipe } from '../../src-main/recipes/recipeText.ts';
import { eighths } from '../fixtures/adapters.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { mergedValues, readConfiguration, type Configuration } from './mergekitReference.ts';

const folder = tempFolder();
const LAYERS = 4;
const TENSORS = [
  eighths('model.embed_tokens.weight', [8, 4], 'BF16'),
  ...Array.from({ length: LAYERS }, (_, layer) =>
    ['self_attn.q_proj', 'self_attn.o_proj', 'mlp.down_proj'].map((name) =>
      eighths(`model.layers.${String(layer)}.${name}.weight`, [4, 4], 'BF16'),
    ),
  ).flat(),
  eighths('model.norm.weight', [4], 'BF16'),
  eighths('lm_head.weight', [8, 4], 'BF16'),
];
const config = { model_type: 'llama', num_hidden_layers: LAYERS, tie_word_embeddings: false };
for (const name of ['t', 'x', 'b']) writeCheckpoint(join(folder, name), { config, tensors: TENSORS });
const target = openCheckpoint(join(folder, 't'));
const tensors = describeTensors(target).map(({ tensor: name, layer }) => ({ name, layer }));
const VALUES = { t: 2, x: 3, b: 5 };

const recipeOf = (...edits: object[]): Recipe =>
  Recipe.parse({
    schema: 'polarimeter.recipe/1',
    name: 'r',
    target: 't',
    inputs: { t: { path: './t' }, x: { path: join(folder, 'x') }, b: { path: 'b' } },
    edits,
  });

function configurationOf(...edits: object[]): Configuration {
  const found = mergekitText(recipeOf(...edits), { folder, target });
  return 'text' in found ? readConfiguration(found.text) : expect.fail(found.reason);
}

function reasonOf(...edits: object[]): string {
  const found = mergekitText(recipeOf(...edits), { folder, target });
  return 'reason' in found ? found.reason : expect.fail(found.text);
}

/** What mergekit makes of it, where models are the numbers VALUES. */
function valuesOf(configuration: Configuration): Record<string, number> {
  const values = Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [join(folder, name), value]),
  );
  const merged = mergedValues(configuration, tensors, values);
  return Object.fromEntries([...merged].map(([name, value]) => [name, Number(value.toPrecision(12))]));
}

const expected = (of: (name: string, layer: number | null) => number): Record<string, number> =>
  Object.fromEntries(tensors.map(({ name, layer }) => [name, of(name, layer)]));

describe('a recipe for mergekit', () => {
  it('copies whole layers with everything below and above them as passthrough', () => {
    const take = { edit: 'take', from: 'x', tensors: { layers: ['2-3'] } };
    const above = { edit: 'take', from: 'x', tensors: { names: ['model.norm.weight', 'lm_head.weight'] } };
    const configuration = configurationOf(take, above);
    expect(configuration.merge_method).toBe('passthrough');
    expect(configuration.dtype).toBe('bfloat16');
    expect(configuration.slices.map(({ sources }) => sources)).toEqual([
      [{ model: join(folder, 't'), layer_range: [0, 2] }],
      [{ model: join(folder, 'x'), layer_range: [2, 4] }],
    ]);
    expect(valuesOf(configuration)).toEqual(
      expected((name, layer) => (layer === null ? (name.includes('embed') ? 2 : 3) : layer < 2 ? 2 : 3)),
    );
  });

  it('weighs sources where embeddings, norm or head stay with another model than the layers beside them', () => {
    const configuration = configurationOf({ edit: 'take', from: 'x', tensors: { layers: ['0', '3'] } });
    expect(configuration.merge_method).toBe('linear');
    expect(valuesOf(configuration)).toEqual(expected((_, layer) => (layer === 0 || layer === 3 ? 3 : 2)));
  });

  it('interpolates, everywhere or by layers and modules', () => {
    const everywhere = configurationOf({ edit: 'interpolate', to: 'x', amount: 0.25 });
    expect(everywhere).toMatchObject({
      merge_method: 'linear',
      parameters: { normalize: false },
      dtype: 'float32',
    });
    expect(everywhere.out_dtype).toBe('bfloat16');
    expect(valuesOf(everywhere)).toEqual(expected(() => 2.25));
    const some = configurationOf({
      edit: 'interpolate',
      to: 'x',
      amount: 1.5,
      tensors: { layers: ['1-2'], modules: ['q_proj', 'down_proj'] },
    });
    expect(valuesOf(some)).toEqual(
      expected((name, layer) => ((layer === 1 || layer === 2) && !name.includes('o_proj') ? 3.5 : 2)),
    );
  });

  it('scales an update as task arithmetic on what it is since', () => {
    const configuration = configurationOf(
      { edit: 'scale-update', since: 'b', factor: 0.5 },
      { edit: 'scale-update', since: 'b', factor: 3, tensors: { layers: ['3'] } },
    );
    expect(configuration).toMatchObject({ merge_method: 'task_arithmetic', base_model: join(folder, 'b') });
    expect(valuesOf(configuration)).toEqual(expected((_, layer) => (layer === 3 ? 0.5 : 3.5)));
  });

  it('puts several edits of three models into one sum', () => {
    const configuration = configurationOf(
      { edit: 'scale-update', since: 'b', factor: 0.5 },
      { edit: 'interpolate', to: 'x', amount: 0.5, tensors: { modules: ['o_proj', 'lm_head'] } },
      { edit: 'take', from: 'b', tensors: { kinds: ['embedding'] } },
    );
    expect(configuration.merge_method).toBe('linear');
    expect(valuesOf(configuration)).toEqual(
      expected((name) => (name.includes('embed') ? 5 : /o_proj|lm_head/.test(name) ? 3.25 : 3.5)),
    );
  });

  it('names the edit that mergekit cannot do', () => {
    const take = { edit: 'take', from: 'x' };
    expect(reasonOf(take, { edit: 'restore', from: 'x', top: 1 })).toBe(
      'edit 2 (restore) works on singular directions, which mergekit cannot do',
    );
    expect(reasonOf({ edit: 'permute-heads' })).toMatch(/reorders attention heads/);
    expect(reasonOf({ edit: 'mask-update', since: 'b', mask: { kind: 'random', share: 0.5 } })).toMatch(
      /mask/,
    );
  });

  it('names an input that is a recipe itself', () => {
    writeRecipe(join(folder, 'inner.yaml'), recipeOf());
    const outer = { ...recipeOf({ edit: 'take', from: 'x' }) };
    const nested = { ...outer, inputs: { ...outer.inputs, x: { path: './inner.yaml' } } };
    expect(mergekitText(nested, { folder, target })).toEqual({
      reason: 'the input "x" is a recipe itself: write it as a checkpoint first',
    });
  });

  it('says so where parts of names cannot tell tensors apart', () => {
    const names = ['mlp.proj.weight', 'mlp.proj.weight_2', 'mlp.other.weight_2'];
    const alike = names.map((name) => eighths(`model.layers.0.${name}`, [4, 4], 'BF16'));
    const other = openCheckpoint(writeCheckpoint(join(folder, 'alike'), { config, tensors: alike }));
    const recipe = recipeOf({ edit: 'interpolate', to: 'x', amount: 0.5, tensors: { names: ['*.weight'] } });
    expect(mergekitText(recipe, { folder, target: other })).toEqual({
      reason: 'mergekit selects tensors by parts of their names, which cannot tell these apart',
    });
  });
});
