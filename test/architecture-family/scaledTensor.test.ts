import { describe, expect, it } from 'vitest';
import { logicalTensors } from '../../src-main/architecture/logicalTensors.ts';
import { scaledTensor } from '../../src-main/architecture/scaledTensor.ts';
import type { Checkpoint, ModelConfig, TensorInfo } from '../../src-main/contract/checkpoint.ts';
import { isComputable, isPlain } from '../../src-main/contract/checkpoint.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { blank, elementSources, scaleSources } from '../fixtures/elementSources.ts';
import { inMemory } from '../fixtures/inMemory.ts';

type Block = ModelConfig['scaleBlock'];

function scaled(
  shape: readonly number[],
  scale: readonly number[],
  declared: Block,
  dtype = 'F32',
): TensorInfo {
  const stored = [blank('w.weight', shape, 'F8_E4M3'), blank('w.weight_scale', scale, dtype)];
  const [weight, of] = inMemory(stored).tensors;
  return scaledTensor(weight!, of!, declared);
}

describe('one scale', () => {
  it.each<[string, number[], number[], Block, [number, number], number[]]>([
    ['for all, a number', [6, 10], [], null, [6, 10], [1, 1]],
    ['for all, a vector of one', [6, 10], [1], [4, 4], [6, 10], [1, 1]],
    ['for all, a matrix of one', [6, 10], [1, 1], null, [6, 10], [1, 1]],
    ['per row, a column', [6, 10], [6, 1], null, [1, 10], [6, 1]],
    ['per row, a vector', [6, 10], [6], [4, 4], [1, 10], [6, 1]],
    ['per declared block', [6, 10], [2, 3], [4, 4], [4, 4], [2, 3]],
    ['per declared block that is no power of two', [6, 10], [2, 2], [3, 6], [3, 6], [2, 2]],
    ['per block of 128 without a declaration', [300, 130], [3, 2], null, [128, 128], [3, 2]],
    ['per block that is narrower than it is tall', [8, 64], [1, 4], null, [8, 16], [1, 4]],
  ])('%s', (_, shape, scale, declared, block, grid) => {
    expect(scaled(shape, scale, declared)).toMatchObject({
      name: 'w.weight',
      dtype: 'F8_E4M3 scaled',
      shape,
      derived: { kind: 'scaled', block, of: { name: 'w.weight', dtype: 'F8_E4M3' }, scale: { shape: grid } },
    });
  });
});

describe('a scale that cannot be used leaves its tensor opaque with the reason', () => {
  it.each<[string, number[], number[], Block, string, string]>([
    [
      'other blocks than declared',
      [6, 10],
      [3, 3],
      [4, 4],
      'F32',
      'of shape [3, 3] does not fit [6, 10] in blocks of 4 x 4',
    ],
    ['no blocks at all', [6, 10], [4, 10], null, 'F32', 'of shape [4, 10] does not fit [6, 10]'],
    ['three dimensions', [6, 10], [1, 2, 3], null, 'F32', 'of shape [1, 2, 3] does not fit [6, 10]'],
    ['no scales', [6, 10], [0], null, 'F32', 'of shape [0] does not fit [6, 10]'],
    ['exponents for scales', [6, 10], [6, 1], null, 'F8_E8M0', 'is of type F8_E8M0'],
    ['a vector to be scaled', [6], [1], null, 'F32', 'is not that of a matrix'],
  ])('%s', (_, shape, scale, declared, dtype, why) => {
    const tensor = scaled(shape, scale, declared, dtype);
    expect(tensor.opaque).toBe(`F8_E4M3, its scale "w.weight_scale" ${why}`);
    expect(tensor).toMatchObject({ shape, dtype: 'F8_E4M3' });
    expect(tensor.derived).toBeUndefined();
    expect(isComputable(tensor)).toBe(false);
  });
});

const find = (checkpoint: Checkpoint, name: string): TensorInfo =>
  logicalTensors(checkpoint).find(({ info }) => info.name === name)!.info;

describe('scales in a checkpoint', () => {
  it('belong to the weight before them by name, and stay listed', () => {
    const checkpoint = inMemory([
      blank('a.weight', [4, 4], 'F8_E5M2'),
      blank('a.weight_scale', [1], 'BF16'),
      blank('b.weight', [4, 4], 'F8_E4M3'),
      blank('c.weight', [4, 4]),
      blank('c.weight_scale', [1], 'F32'),
    ]);
    expect(logicalTensors(checkpoint).map(({ info }) => [info.name, info.dtype])).toEqual([
      ['a.weight', 'F8_E5M2 scaled'],
      ['a.weight_scale', 'BF16'],
      ['b.weight', 'F8_E4M3'],
      ['c.weight', 'BF16'],
      ['c.weight_scale', 'F32'],
    ]);
    expect(isComputable(find(checkpoint, 'a.weight'))).toBe(isPlain('F8_E5M2'));
  });

  it('are missed where config.json says that there are some', () => {
    const config = { quantization_config: { quant_method: 'fp8', weight_block_size: [2, 2] } };
    const lost = find(inMemory([blank('a.weight', [4, 4], 'F8_E4M3')], config), 'a.weight');
    expect(lost.opaque).toBe('F8_E4M3, of which the scale is not there');
    expect(isComputable(lost)).toBe(false);
    const plain = find(inMemory([blank('a.weight', [4, 4], 'F8_E4M3')], {}), 'a.weight');
    expect(isComputable(plain)).toBe(true);
  });

  it('are those of the base where an adapter is laid on it', () => {
    const checkpoint = inMemory([blank('a.weight', [4, 6], 'F8_E4M3'), blank('a.weight_scale', [1], 'F32')]);
    const [base, scale] = checkpoint.tensors as [TensorInfo, TensorInfo];
    const [up, down] = [blank('up', [4, 1]), blank('down', [1, 6])].map((each) => ({
      ...base,
      name: each.name,
      dtype: 'BF16',
      shape: [...each.shape],
    })) as [TensorInfo, TensorInfo];
    const laid: TensorInfo = {
      ...base,
      dtype: 'F8_E4M3 + LoRA',
      derived: { kind: 'low-rank', base, up, down, factor: 2, transposed: false },
    };
    const found = find({ ...checkpoint, tensors: [laid, scale] }, 'a.weight');
    expect(found).toMatchObject({
      dtype: 'F8_E4M3 scaled + LoRA',
      bytes: laid.bytes + scale.bytes,
      derived: { kind: 'low-rank', up, down, base: { derived: { kind: 'scaled', of: base } } },
    });
    expect(isComputable(found)).toBe(true);
    // A scale of a type that cannot be computed with makes the sum what cannot be computed with, too.
    const packed = { ...scale, dtype: 'F8_E8M0' };
    expect(find({ ...checkpoint, tensors: [laid, packed] }, 'a.weight').opaque).toContain(
      'is of type F8_E8M0',
    );
  });

  const PHI = { model_type: 'phi3', hidden_size: 8, num_attention_heads: 4, num_key_value_heads: 2 };
  const QKV = 'model.layers.0.self_attn.qkv_proj.weight';
  const V = 'model.layers.0.self_attn.v_proj.weight';

  it.each([
    ['per row', [16, 1], (i: number): number => i],
    ['for all', [1], (): number => 0],
  ] as const)('%s of fused attention follow its parts', (_, shape, scaleOfRow) => {
    const checkpoint = inMemory([blank(QKV, [16, 8], 'F8_E4M3'), blank(`${QKV}_scale`, shape, 'F32')], PHI);
    const part = find(checkpoint, V);
    expect(elementSources(part, checkpoint.tensors)).toEqual(
      Array.from({ length: 32 }, (_unused, n) => `${QKV}#${String(96 + n)}`),
    );
    const expected = Array.from(
      { length: 32 },
      (_unused, n) => `${QKV}_scale#${String(scaleOfRow(12 + Math.floor(n / 8)))}`,
    );
    expect(scaleSources(part, checkpoint.tensors)).toEqual(expected);
    expect(part.dtype).toBe('F8_E4M3 scaled');
  });

  it.each([
    ['blocks', [3, 4, 2], [2, 2]],
    ['rows', [3, 8, 1], [1, 4]],
  ])('of fused experts in %s follow their experts', (_, shape, [tall, wide]) => {
    const config = { model_type: 'qwen3_moe', hidden_size: 4, num_experts: 3, moe_intermediate_size: 4 };
    const name = 'model.layers.0.mlp.experts.gate_up_proj';
    const stored: TensorSource[] = [
      blank(name, [3, 8, 4], 'F8_E4M3'),
      blank(`${name}_scale_inv`, shape, 'F32'),
    ];
    const checkpoint = inMemory(stored, config);
    const part = find(checkpoint, 'model.layers.0.mlp.experts.2.up_proj.weight');
    expect(part).toMatchObject({ dtype: 'F8_E4M3 scaled', shape: [4, 4], derived: { kind: 'scaled' } });
    const [, down, across] = shape;
    const expected = Array.from({ length: 16 }, (_unused, n) => {
      const [row, col] = [4 + Math.floor(n / 4), n % 4];
      const at = (2 * down! + Math.floor(row / tall!)) * across! + Math.floor(col / wide!);
      return `${name}_scale_inv#${String(at)}`;
    });
    expect(scaleSources(part, checkpoint.tensors)).toEqual(expected);
    expect(logicalTensors(checkpoint)).toHaveLength(7);
  });
});

describe('packed weights', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['GPTQ', 'a.qweight', 'I32', ['a.qzeros', 'a.scales', 'a.g_idx']],
    ['AWQ', 'a.qweight', 'I32', ['a.qzeros', 'a.scales']],
    ['bitsandbytes NF4', 'a.weight', 'U8', ['a.weight.absmax', 'a.weight.quant_state.bitsandbytes__nf4']],
    ['bitsandbytes LLM.int8()', 'a.weight', 'I8', ['a.SCB']],
    ['compressed-tensors', 'a.weight_packed', 'I32', ['a.weight_scale', 'a.weight_shape']],
    ['NVFP4', 'a.weight', 'U8', ['a.weight_scale', 'a.weight_scale_2']],
    ['MXFP4', 'experts.down_proj_blocks', 'U8', ['experts.down_proj_scales']],
  ])('of %s are opaque with their type and method', (method, name, dtype, beside) => {
    const checkpoint = inMemory([
      blank(name, [4, 2], dtype),
      ...beside.map((each) => blank(each, [2], 'F32')),
    ]);
    expect(find(checkpoint, name).opaque).toBe(`${dtype} (packed by ${method})`);
  });

  it('of an unknown method have their type alone', () => {
    expect(find(inMemory([blank('a.weight', [4, 2], 'F4')]), 'a.weight').opaque).toBeUndefined();
  });
});
