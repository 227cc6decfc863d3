import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { planGguf } from '../../src-main/inference/gguf/planGguf.ts';
import { promptText } from '../../src-main/inference/gguf/promptText.ts';
import { writeGguf } from '../../src-main/inference/gguf/writeGguf.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { openRecipe } from '../../src-main/recipes/openModel.ts';
import { tensorSource } from '../../src-main/tensors/tensorSource.ts';
import { caught } from '../fixtures/caught.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { FAMILY_MODELS, SMALL_TOKENIZER, writeFamilyModel } from '../fixtures/inference/familyModel.ts';
import { llamaBench } from '../fixtures/inference/llamaBench.ts';
import { writeTokenizerModel } from '../fixtures/inference/tokenizerModel.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const DEMO = fileURLToPath(new URL('../../resources/demo', import.meta.url));
const folder = tempFolder();
const kernels = new Kernels();
afterAll(() => {
  kernels[Symbol.dispose]();
});

let count = 0;
const fresh = (): string => join(folder, String((count += 1)));

/** Writes a model with other fields in config.json, or without those that are undefined. */
function llama(fields: Readonly<Record<string, unknown>> = {}, family = 'llama'): string {
  const model = FAMILY_MODELS[family];
  if (!model) throw new Error(family);
  const at = writeFamilyModel(fresh(), model, 'BF16');
  const config = { ...(JSON.parse(readFileSync(join(at, 'config.json'), 'utf8')) as object), ...fields };
  writeFileSync(join(at, 'config.json'), JSON.stringify(config));
  return at;
}
const plan = (at: string, weights: 'stored' | 'F32' | 'F16' | 'BF16' = 'stored') =>
  planGguf(openCheckpoint(at), weights);
const refusal = (at: string): string => {
  const { code, message } = caught(() => plan(at));
  return `${code}: ${message}`;
};

describe('the demo', () => {
  it('reads the prompts of its probes byte by byte, <bos> before them', async () => {
    const at = `${fresh()}.gguf`;
    const made = plan(join(DEMO, 'base'));
    await writeGguf(made, at, kernels);
    const bench = await llamaBench();
    const model = await bench.loadModel({ modelPath: at, gpuLayers: 0 });
    const lines = ['id', 'ood'].flatMap((probe) =>
      readFileSync(join(DEMO, 'probes', `${probe}.jsonl`), 'utf8')
        .trim()
        .split('\n'),
    );
    const prompts = lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt);
    expect(prompts.length).toBeGreaterThan(100);
    expect(model.tokens).toMatchObject({
      bos: 256,
      eos: 257,
      shouldPrependBosToken: true,
      shouldAppendEosToken: false,
    });
    for (const prompt of prompts) {
      expect([...model.tokenize(promptText(prompt, made.prompt), true)]).toEqual([...Buffer.from(prompt)]);
    }
    await model.dispose();
  });
});

describe('a converted file', () => {
  it.each(Object.keys(FAMILY_MODELS))(
    'is read back as the checkpoint that it was made of: %s',
    async (family) => {
      const source = openCheckpoint(llama({}, family));
      const at = `${fresh()}.gguf`;
      const made = planGguf(source, 'stored');
      await writeGguf(made, at, kernels);
      const written = openCheckpoint(at);
      const tables = written.tensors.filter(({ name }) => name === 'rope_freqs.weight');
      expect(tables).toHaveLength(family === 'llama3' ? 1 : 0);
      expect(written.tensors.length - tables.length).toBe(source.tensors.length);
      for (const tensor of source.tensors) {
        const back = written.tensors.find(({ name }) => name === tensor.name);
        if (!back) throw new Error(`${tensor.name} is missing`);
        // Norms of Gemma are stored plus one, which the reader says instead of a value.
        if (back.opaque !== undefined) continue;
        using a = await kernels.dense.read(tensorSource(tensor));
        using b = await kernels.dense.read(tensorSource(back));
        expect([...kernels.dense.values(b)], tensor.name).toEqual([...kernels.dense.values(a)]);
      }
    },
  );

  it('has every weight at a multiple of 32, one after the other, and as many bytes as planned', () => {
    const { header, tensors, bytes } = plan(llama());
    let end = header.length;
    for (const tensor of tensors) {
      expect(tensor.offset % 32).toBe(0);
      expect(tensor.offset - end).toBeLessThan(32);
      end = tensor.offset + tensor.bytes;
    }
    expect(bytes - end).toBeLessThan(32);
  });

  it('is refused where numbers are too large for float16', async () => {
    const at = writeTokenizerModel(fresh(), { tokenizer: SMALL_TOKENIZER, rows: 64 });
    const data = new Float64Array(64).fill(1e5);
    const tensors = openCheckpoint(at).tensors.map(({ name, shape }) => ({
      name,
      dtype: 'BF16',
      shape,
      data: name.endsWith('up_proj.weight')
        ? data
        : new Float64Array(shape.reduce((all, size) => all * size, 1)),
    }));
    writeCheckpoint(at, { tensors });
    await expect(writeGguf(plan(at, 'F16'), `${at}.gguf`, kernels)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: '64 numbers of tensor model.layers.0.mlp.up_proj.weight are too large for F16',
    });
  });

  it('has no head of its own where embeddings are tied, whatever the checkpoint stores', () => {
    const names = (at: string) => plan(at).tensors.map(({ name }) => name);
    expect(names(llama())).toContain('output.weight');
    expect(names(llama({ tie_word_embeddings: true }))).not.toContain('output.weight');
  });
});

describe('a window of attention', () => {
  it('that llama.cpp does not know limits the context, and is a warning', () => {
    const { warnings } = plan(llama({ sliding_window: 32 }, 'mistral'));
    expect(warnings).toEqual([expect.stringContaining('attention window of 32 tokens')]);
  });

  it('that is not used is none', () => {
    expect(plan(llama({}, 'qwen2')).warnings).toEqual([]);
  });
});

describe('a model is refused', () => {
  const rope = (fields: object) => ({ rope_scaling: { factor: 2, ...fields } });
  it.each([
    ['another type', { model_type: 'mamba2' }, 'models of type "mamba2" cannot be run'],
    ['no type', { model_type: undefined }, 'models of type "" cannot be run'],
    ['an object for a number', { num_hidden_layers: {} }, 'field "num_hidden_layers"'],
    ['more layers than llama.cpp has', { num_hidden_layers: 513 }, 'field "num_hidden_layers"'],
    ['a hidden size beyond all', { hidden_size: 1e18 }, 'field "hidden_size"'],
    ['a negative size', { intermediate_size: -1 }, 'field "intermediate_size"'],
    ['odd heads', { head_dim: 15 }, 'heads of 15 elements cannot be rotated in pairs'],
    ['heads that do not share keys', { num_key_value_heads: 3 }, '4 heads cannot share 3 keys'],
    ['partly rotated heads', { partial_rotary_factor: 0.5 }, 'partial_rotary_factor'],
    ['another activation', { hidden_act: 'relu' }, 'activation "relu" cannot be run, silu or swish can'],
    ['an unknown scaling', rope({ rope_type: 'yarn' }), 'rotary scaling "yarn" cannot be run'],
    ['a scaling without a factor', { rope_scaling: { type: 'linear' } }, 'field "factor"'],
    ['another size than that of its tensors', { intermediate_size: 128 }, 'by config.json it is [128, 64]'],
    ['fewer layers than tensors', { num_hidden_layers: 1 }, 'has no place in models of this kind'],
    ['more layers than tensors', { num_hidden_layers: 3 }, 'no tensor for "blk.2.attn_norm.weight"'],
  ])('with %s', (_title, fields, message) => {
    expect(refusal(llama(fields))).toMatch(/^model-unsupported: /);
    expect(refusal(llama(fields))).toContain(message);
  });

  it.each([
    ['gemma2', { query_pre_attn_scalar: 16 }, 'query_pre_attn_scalar is 16, llama.cpp takes 24'],
    ['gemma2', { final_logit_softcapping: null }, 'without soft caps'],
    ['gemma2', { layer_types: ['sliding_attention', 'sliding_attention', 'full_attention'] }, 'every second'],
    ['gemma3', { final_logit_softcapping: 30 }, 'with soft caps'],
    [
      'gemma3',
      { layer_types: ['full_attention', 'sliding_attention', 'full_attention'] },
      'alternate regularly',
    ],
    ['gemma3', { layer_types: ['full_attention'] }, 'layer_types has 1 layers, the model 3'],
    ['qwen2', { head_dim: 24 }, 'heads of Qwen2 must add up to its hidden size'],
    ['qwen3', { model_type: 'qwen3_moe' }, 'models of type "qwen3_moe" cannot be run'],
  ])('of %s with %o', (family, fields, message) => {
    expect(refusal(llama(fields, family))).toContain(message);
  });

  it('without config.json', () => {
    const at = llama();
    rmSync(join(at, 'config.json'));
    expect(refusal(at)).toContain('model-unsupported: there is no config.json');
  });

  it('without tokenizer.json, naming what there is instead', () => {
    const at = llama();
    rmSync(join(at, 'tokenizer.json'));
    expect(refusal(at)).toBe('tokenizer-missing: there is no tokenizer.json');
    writeFileSync(join(at, 'tokenizer.model'), '');
    expect(refusal(at)).toBe('tokenizer-missing: there is no tokenizer.json, only tokenizer.model');
  });

  it('with a fused layer that is not known for its family', () => {
    const at = llama();
    const tensors = openCheckpoint(at).tensors.map(({ name, shape, bytes }) => ({
      name: name.replace('0.self_attn.q_proj', '0.self_attn.qkv_proj'),
      dtype: 'BF16',
      shape,
      data: new Uint8Array(bytes),
    }));
    writeCheckpoint(at, { tensors });
    expect(refusal(at)).toContain(
      'self_attn.qkv_proj.weight" has no place in models of this kind (left whole: ',
    );
  });

  it('with a tensor that cannot be read as numbers', () => {
    const at = llama();
    const tensors = openCheckpoint(at).tensors.map(({ name, shape, bytes }) => {
      const isPacked = name.endsWith('0.mlp.up_proj.weight');
      return { name, dtype: isPacked ? 'I16' : 'BF16', shape, data: new Uint8Array(bytes) };
    });
    writeCheckpoint(at, { tensors });
    expect(refusal(at)).toContain('cannot be read as numbers: I16');
  });
});

describe('hostile files', () => {
  it('nested a hundred thousand times end in an error in words', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const at = llama();
    const config = readFileSync(join(at, 'config.json'), 'utf8');
    writeFileSync(join(at, 'config.json'), config.replace('{', `{"deep":${deep},`));
    expect(refusal(at)).toBe('config-invalid: a configuration beside the weights is nested too deeply');
  });

  it('with pipelines inside each other do so too', () => {
    const at = llama();
    const sequence = `${'{"type":"Sequence","pretokenizers":['.repeat(50_000)}${']}'.repeat(50_000)}`;
    const tokenizer = JSON.stringify({ ...SMALL_TOKENIZER, pre_tokenizer: 0 }).replace(
      ':0,',
      `:${sequence},`,
    );
    writeFileSync(join(at, 'tokenizer.json'), tokenizer);
    expect(refusal(at)).toMatch(/^tokenizer-unsupported: /);
  });

  it('with more rows than any vocabulary are refused before anything is made of them', () => {
    const at = writeTokenizerModel(fresh(), { tokenizer: SMALL_TOKENIZER, rows: (1 << 22) + 1 });
    expect(refusal(at)).toContain('an embedding of 4194305 tokens');
  });
});

describe('a recipe', () => {
  it('has the header of its target, and its weights come from where the edits lead', () => {
    const [target, donor] = [llama(), llama()];
    const recipe = Recipe.parse({
      schema: 'polarimeter.recipe/1',
      name: 'reset',
      target: 'sft',
      inputs: { sft: { path: target }, base: { path: donor } },
      edits: [{ edit: 'take', from: 'base', tensors: { layers: ['0'] } }],
    });
    const made = planGguf(openRecipe(recipe, folder), 'stored');
    const own = plan(target);
    expect(Buffer.from(made.header).equals(Buffer.from(own.header))).toBe(true);
    for (const { name, source } of made.tensors) {
      const stored = source.derived?.kind === 'strided' ? source.derived.of : source;
      expect(stored.file.startsWith(name.startsWith('blk.0.') ? donor : target), name).toBe(true);
    }
  });
});

describe('an adapter', () => {
  it('is converted as what it makes of its base, with the tokenizer of the base', () => {
    const base = llama();
    const at = fresh();
    mkdirSync(at);
    const module = 'base_model.model.model.layers.0.self_attn.q_proj';
    const tensors = [
      {
        name: `${module}.lora_A.weight`,
        dtype: 'F32',
        shape: [2, 64],
        data: new Float64Array(128).fill(0.01),
      },
      {
        name: `${module}.lora_B.weight`,
        dtype: 'F32',
        shape: [64, 2],
        data: new Float64Array(128).fill(0.01),
      },
    ];
    writeCheckpoint(at, { tensors });
    cpSync(join(at, 'model.safetensors'), join(at, 'adapter_model.safetensors'));
    rmSync(join(at, 'model.safetensors'));
    const config = {
      peft_type: 'LORA',
      base_model_name_or_path: base,
      r: 2,
      lora_alpha: 2,
      target_modules: ['q_proj'],
    };
    writeFileSync(join(at, 'adapter_config.json'), JSON.stringify(config));
    const found = plan(at).tensors.find(({ name }) => name === 'blk.0.attn_q.weight');
    expect(found?.dtype).toBe('F32');
    expect(found?.source.derived?.kind).toBe('strided');
  });
});
