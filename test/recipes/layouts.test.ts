import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { makeTensors } from '../../src-main/recipes/makeTensors.ts';
import { openRecipe } from '../../src-main/recipes/openModel.ts';
import { loraPair, writeAdapter } from '../fixtures/adapters.ts';
import {
  bf16Bits,
  bf16Value,
  e4m3Bits,
  writeCheckpoint,
  type TensorSource,
} from '../fixtures/checkpoints.ts';
import { ATTENTION_LAYOUTS, EXPERT_LAYOUTS, FEED_FORWARD_LAYOUTS } from '../fixtures/fusedLayouts.ts';
import { uniform } from '../fixtures/matrix.ts';
import { readModel } from '../fixtures/recipeModels.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
process.env['POLARIMETER_WORK'] = join(folder, 'work');
mkdirSync(join(folder, 'work'));
const kernels = new Kernels();

const recipe = (edits: readonly unknown[], target: string, donor: string): Recipe =>
  Recipe.parse({
    schema: 'polarimeter.recipe/1',
    name: 'layout',
    target: 'target',
    inputs: { target: { path: target }, donor: { path: donor } },
    edits,
  });

async function make(edits: readonly unknown[], target: string, donor: string) {
  const checkpoint = openRecipe(recipe(edits, target, donor), folder);
  const made = await makeTensors(checkpoint, kernels, { budget: new MemoryBudget(2 ** 24) });
  return {
    checkpoint,
    made,
    get tensors() {
      return readModel(checkpoint);
    },
  };
}

function numbers(shape: readonly number[], seed: number): number[] {
  const next = uniform(seed);
  return Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => next() - 0.5);
}

const LAYOUTS = [...ATTENTION_LAYOUTS, ...FEED_FORWARD_LAYOUTS, ...EXPERT_LAYOUTS];

describe.each(LAYOUTS)('$title', ({ title, stored, shape, parts, config }) => {
  const at = join(folder, title.replaceAll(/\W/g, '-'));
  const [own, other] = [numbers(shape, 1), numbers(shape, 2)];
  const [target, donor] = [own, other].map((data, i) =>
    writeCheckpoint(join(at, String(i)), {
      config,
      tensors: [
        { name: 'model.embed_tokens.weight', dtype: 'F64', shape: [2, 2], data: [1, 2, 3, 4] },
        { name: stored, dtype: 'F64', shape, data },
      ],
    }),
  ) as [string, string];
  const [name, partShape, place] = parts.at(-1)!;
  const width = partShape.length === 1 ? 1 : partShape[1]!;
  const places = new Set(numbers(partShape, 0).map((_, i) => place(Math.floor(i / width), i % width)));
  const isInterleaved = [...places].some(
    (start) => partShape.length > 1 && width > 1 && !places.has(start + 1) && !places.has(start - 1),
  );

  it('is edited in one of its parts, and the others stay as they are', async () => {
    const edit = { edit: 'interpolate', to: 'donor', amount: 0.5, tensors: { names: [name] } };
    if (isInterleaved) {
      await expect(make([edit], target, donor)).rejects.toMatchObject({ code: 'recipe-invalid' });
      return;
    }
    const { checkpoint, tensors } = await make([edit], target, donor);
    expect(checkpoint.recipe?.made).toEqual([stored]);
    expect(checkpoint.tensors.find((tensor) => tensor.name === stored)?.shape).toEqual(shape);
    const expected = own.map((value, i) => (places.has(i) ? value + 0.5 * (other[i]! - value) : value));
    const found = [...tensors.get(stored)!.values];
    found.forEach((value, i) => expect(value).toBe(expected[i]!));
  });

  it('taken whole is the tensor of the donor as it lies there', async () => {
    const { checkpoint, tensors } = await make([{ edit: 'take', from: 'donor' }], target, donor);
    expect(checkpoint.recipe).toMatchObject({ made: [], taken: ['model.embed_tokens.weight', stored] });
    expect([...tensors.get(stored)!.values]).toEqual(other);
  });
});

describe('a target that is not stored as plain numbers', () => {
  const SHAPE = [8, 8] as const;
  const NAME = 'model.layers.0.mlp.up_proj.weight';
  const plain = (seed: number, dtype: string): TensorSource[] => [
    { name: NAME, dtype, shape: SHAPE, data: numbers(SHAPE, seed) },
    { name: 'model.layers.0.input_layernorm.weight', dtype, shape: [8], data: numbers([8], seed) },
  ];
  const base = writeCheckpoint(join(folder, 'plain'), { config: {}, tensors: plain(1, 'BF16') });
  const other = writeCheckpoint(join(folder, 'other'), { config: {}, tensors: plain(2, 'BF16') });
  const rounded = (value: number): number => bf16Value(bf16Bits(value));

  it('under an adapter becomes what its base is stored as', async () => {
    const adapter = writeAdapter(join(folder, 'adapter'), {
      config: { base_model_name_or_path: base },
      tensors: loraPair('model.layers.0.mlp.up_proj', [8, 8]),
    });
    const { checkpoint, made, tensors } = await make(
      [{ edit: 'scale-update', since: 'donor', factor: 0.5 }],
      adapter,
      base,
    );
    expect(checkpoint.tensors.find(({ name }) => name === NAME)).toMatchObject({
      dtype: 'BF16',
      shape: [8, 8],
    });
    expect(made.map(({ tensor }) => tensor)).toEqual(checkpoint.recipe?.made);
    expect(made.find(({ tensor }) => tensor === NAME)!.rounding).toBeGreaterThan(0);
    const whole = readModel(openRecipe(recipe([], adapter, base), folder)).get(NAME)!;
    const before = readModel(openRecipe(recipe([], base, base), folder)).get(NAME)!;
    const expected = whole.values.map((value, i) =>
      rounded(before.values[i]! + 0.5 * (value - before.values[i]!)),
    );
    expect(tensors.get(NAME)!.values).toEqual(expected);
  });

  const fp8 = (folderName: string, seed: number): string => {
    const scaled = ['0', '1'].flatMap((layer): TensorSource[] => {
      const name = NAME.replace('.0.', `.${layer}.`);
      const bytes = Uint8Array.from(numbers(SHAPE, seed), (value) => e4m3Bits(value * 100));
      return [
        { name, dtype: 'F8_E4M3', shape: SHAPE, data: bytes },
        { name: `${name}_scale_inv`, dtype: 'F32', shape: [2, 2], data: [0.5, 0.25, 2, seed] },
      ];
    });
    const config = { quantization_config: { quant_method: 'fp8', weight_block_size: [4, 4] } };
    return writeCheckpoint(join(folder, folderName), { config, tensors: scaled });
  };
  const last = NAME.replace('.0.', '.1.');

  it('with scales becomes bfloat16, and its scale is listed no more; the others keep theirs', async () => {
    const target = fp8('fp8', 3);
    const edit = { edit: 'svf', experts: [{ z: 0.5 }], tensors: { layers: ['0'] } };
    const { checkpoint, tensors } = await make([edit], target, target);
    const names = checkpoint.tensors.map(({ name, dtype }) => `${name} ${dtype}`);
    expect(names).toEqual([`${NAME} BF16`, `${last} F8_E4M3`, `${last}_scale_inv F32`]);
    expect(checkpoint.warnings).toContain('1 of the tensors that were F8_E4M3 are stored as BF16 here');
    const scale = [0.5, 0.25, 2, 3];
    const raw = readModel({ tensors: checkpoint.tensors.filter(({ name }) => name === last) }).get(last)!;
    const expected = raw.values.map((value, i) =>
      rounded(0.5 * value * scale[Math.floor(i / 32) * 2 + Math.floor((i % 8) / 4)]!),
    );
    const error = Math.max(...tensors.get(NAME)!.values.map((value, i) => Math.abs(value - expected[i]!)));
    expect(error).toBeLessThan(Math.max(...expected.map(Math.abs)) * 2 ** -8);
  });

  it('with scales is taken with them, whether they are named or not', async () => {
    const [target, donor] = [fp8('fp8 target', 3), fp8('fp8 donor', 4)];
    for (const tensors of [{ layers: ['0'] }, { names: [NAME] }]) {
      const { checkpoint } = await make([{ edit: 'take', from: 'donor', tensors }], target, donor);
      const places = checkpoint.tensors.map(({ name, dtype, file }) => [name, dtype, file.split('/').at(-2)]);
      expect(places).toEqual([
        [NAME, 'F8_E4M3', 'fp8 donor'],
        [`${NAME}_scale_inv`, 'F32', 'fp8 donor'],
        [last, 'F8_E4M3', 'fp8 target'],
        [`${last}_scale_inv`, 'F32', 'fp8 target'],
      ]);
      expect(checkpoint.recipe?.made).toEqual([]);
    }
  });

  it('with scales is taken from one without, and the other way round', async () => {
    const scaled = fp8('fp8 again', 3);
    const edit = { edit: 'take', from: 'donor', tensors: { names: [NAME] } };
    const widened = (await make([edit], scaled, base)).checkpoint;
    expect(widened.tensors.map(({ dtype }) => dtype)).toEqual(['BF16', 'F8_E4M3', 'F32']);
    const { checkpoint, tensors } = await make([edit], base, scaled);
    expect(checkpoint.tensors.map(({ name }) => name)).toContain(NAME);
    expect(Math.abs(tensors.get(NAME)!.values[0]!)).toBeCloseTo(Math.abs(numbers(SHAPE, 3)[0]! * 50), -1);
  });

  it('is not changed where it cannot be computed with, and is taken all the same', async () => {
    const packed = writeCheckpoint(join(folder, 'packed'), {
      config: { quantization_config: { quant_method: 'gptq', bits: 4 } },
      tensors: [
        {
          name: 'model.layers.0.mlp.up_proj.qweight',
          dtype: 'I32',
          shape: [1, 8],
          data: numbers([8], 1).map(Math.round),
        },
        { name: 'model.layers.0.mlp.up_proj.scales', dtype: 'F16', shape: [1, 8], data: numbers([8], 1) },
      ],
    });
    const taken = await make([{ edit: 'take', from: 'donor' }], packed, packed);
    expect(taken.checkpoint.recipe?.taken).toHaveLength(2);
    await expect(
      make([{ edit: 'interpolate', to: 'donor', amount: 0.5 }], packed, packed),
    ).rejects.toMatchObject({
      code: 'recipe-invalid',
    });
  });

  it('in bfloat16 is rounded once, at the end of all edits, to the nearest', async () => {
    const halves = [0.5, 0.5, 0.5].map((amount) => ({ edit: 'interpolate', to: 'donor', amount }));
    const { tensors, made } = await make(halves, base, other);
    const read = (path: string) => readModel(openRecipe(recipe([], path, path), folder)).get(NAME)!;
    const [t, x] = [read(base), read(other)];
    const exact = t.values.map((value, i) => {
      let now = value;
      for (let step = 0; step < 3; step++) now += 0.5 * (x.values[i]! - now);
      return now;
    });
    expect(tensors.get(NAME)!.values).toEqual(exact.map(rounded));
    const lost = Math.hypot(...exact.map((value) => value - rounded(value)));
    expect(made.find(({ tensor }) => tensor === NAME)!.rounding).toBeCloseTo(lost, 12);
  });
});

describe('tied embeddings', () => {
  const layout = (seed: number, tied: boolean, head: boolean) => ({
    config: { model_type: 'llama', tie_word_embeddings: tied },
    tensors: ['model.embed_tokens.weight', ...(head ? ['lm_head.weight'] : [])].map((name, i) => ({
      name,
      dtype: 'F64',
      shape: [4, 2],
      data: numbers([4, 2], seed + (tied ? 0 : 10 * i)),
    })),
  });
  const write = (name: string, ...args: Parameters<typeof layout>): string =>
    writeCheckpoint(join(folder, name), layout(...args));

  it('stay tied when the embedding is changed', async () => {
    const [target, donor] = [write('tied', 1, true, true), write('tied donor', 2, true, true)];
    for (const edit of [
      { edit: 'interpolate', to: 'donor', amount: 0.5 },
      { edit: 'take', from: 'donor' },
    ]) {
      const { checkpoint, tensors } = await make([edit], target, donor);
      const [embedding, head] = checkpoint.tensors;
      expect({ ...head, name: '' }).toEqual({ ...embedding, name: '' });
      expect(tensors.get('lm_head.weight')).toEqual(tensors.get('model.embed_tokens.weight'));
    }
  });

  it('are changed through the embedding only', async () => {
    const target = write('tied too', 1, true, true);
    const edit = { edit: 'scale-update', since: 'donor', factor: 0.5, tensors: { kinds: ['head'] } };
    await expect(make([edit], target, target)).rejects.toThrow(
      '"lm_head.weight" is tied to "model.embed_tokens.weight"; select that one',
    );
  });

  it('of a donor are the head of an untied target', async () => {
    const [target, donor] = [write('untied', 1, false, true), write('without head', 2, true, false)];
    const { tensors } = await make([{ edit: 'take', from: 'donor' }], target, donor);
    expect([...tensors.get('lm_head.weight')!.values]).toEqual(numbers([4, 2], 2));
  });
});
