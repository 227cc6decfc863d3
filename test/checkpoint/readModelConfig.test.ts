import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelConfig, toModelConfig } from '../../src-main/checkpoint/readModelConfig.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();

describe('toModelConfig', () => {
  it('derives the size of a head unless it is given', () => {
    expect(toModelConfig({ hidden_size: 64, num_attention_heads: 8 }).headDim).toBe(8);
    expect(toModelConfig({ hidden_size: 64, num_attention_heads: 8, head_dim: 16 }).headDim).toBe(16);
    expect(toModelConfig({ hidden_size: 65, num_attention_heads: 8 }).headDim).toBeNull();
    expect(toModelConfig({ hidden_size: 64 }).headDim).toBeNull();
  });

  it('is null where the file is silent', () => {
    expect(Object.values(toModelConfig({})).every((value) => value === null)).toBe(true);
  });

  it('reads the language model of a multimodal one', () => {
    const config = toModelConfig({
      model_type: 'gemma3',
      architectures: ['Gemma3ForConditionalGeneration'],
      hidden_size: 1,
      text_config: { model_type: 'gemma3_text', hidden_size: 2560, num_hidden_layers: 34 },
      vision_config: { hidden_size: 1152, num_attention_heads: 16 },
    });
    expect(config).toMatchObject({ modelType: 'gemma3', hiddenSize: 2560, layers: 34, attentionHeads: null });
  });

  it.each([
    ['DeepSeek-V3', { weight_block_size: [128, 64] }],
    [
      'compressed-tensors',
      { config_groups: { group_0: { weights: { strategy: 'block', block_structure: [128, 64] } } } },
    ],
  ])('reads the blocks that share a scale, as %s has them', (_, quantization) => {
    expect(toModelConfig({ quantization_config: quantization }).scaleBlock).toEqual([128, 64]);
    expect(toModelConfig({ text_config: { quantization_config: quantization } }).scaleBlock).toEqual([
      128, 64,
    ]);
  });

  it.each([[[128]], [[128, 0]], [[128, 1.5]], ['128x128'], [null], [[128, 128, 128]]])(
    'takes no blocks from %j',
    (size) => {
      expect(toModelConfig({ quantization_config: { weight_block_size: size } }).scaleBlock).toBeNull();
    },
  );

  it('reads the older names of GPT-2', () => {
    const config = toModelConfig({
      model_type: 'gpt2',
      n_embd: 768,
      n_head: 12,
      n_layer: 12,
      vocab_size: 50257,
    });
    expect(config).toMatchObject({ hiddenSize: 768, attentionHeads: 12, layers: 12, headDim: 64 });
  });
});

describe('readModelConfig', () => {
  const write = (content: string): void => writeFileSync(join(folder, 'config.json'), content);

  it('is null without a file', () => {
    expect(readModelConfig(folder)).toEqual({ config: null, quantization: null });
  });

  it('reads the words that Python writes for numbers beyond JSON', () => {
    write(
      '{"limits": [0.0, Infinity, -Infinity, NaN], "note": "NaN \\" Infinity", "model_type": "NaN", "hidden_size": 8}',
    );
    expect(readModelConfig(folder).config).toMatchObject({ modelType: 'NaN', hiddenSize: 8 });
  });

  it('reads them beside a very long text', () => {
    write(`{"note": "${'x\\n'.repeat(1_000_000)}", "limit": Infinity, "hidden_size": 8}`);
    expect(readModelConfig(folder).config?.hiddenSize).toBe(8);
  });

  it('passes over a byte order mark', () => {
    write('\ufeff{"hidden_size": 8}');
    expect(readModelConfig(folder).config?.hiddenSize).toBe(8);
  });

  it('names the quantisation', () => {
    write('{"quantization_config": {"quant_method": "gptq", "bits": 4}}');
    expect(readModelConfig(folder).quantization).toBe('gptq');
    write('{"quantization_config": {}}');
    expect(readModelConfig(folder).quantization).toBe('of an unnamed method');
  });
});
