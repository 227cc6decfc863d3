import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../../src-main/checkpoint/gguf/readGgufHeader.ts';
import type { StridedAxis, TensorInfo } from '../../../src-main/contract/checkpoint.ts';
import { ggufModel } from '../../fixtures/ggufBytes.ts';
import { tempFolder } from '../../fixtures/tempFolder.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/gguf');
const path = join(FIXTURES, 'llama.gguf');
const bytes = readFileSync(path);
const expected = new Float32Array(new Uint8Array(readFileSync(join(FIXTURES, 'llama.f32'))).buffer);
const { tensors } = readGgufHeader(path);

const half = (bits: number): number => {
  const exponent = (bits >> 10) & 31;
  const size = exponent === 0 ? (bits & 1023) * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
  return bits >> 15 ? -size : size;
};

/** Stored elements one after the other; F32, or Q8_0: a half-precision scale and 32 signed bytes. */
function storedElements({ dtype, offset, bytes: count }: TensorInfo): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count);
  if (dtype === 'F32') return Array.from({ length: count / 4 }, (_, i) => view.getFloat32(i * 4, true));
  return Array.from({ length: (count / 34) * 32 }, (_, i) => {
    const block = Math.floor(i / 32) * 34;
    return half(view.getUint16(block, true)) * view.getInt8(block + 2 + (i % 32));
  });
}

/** Where index i of an axis lies, digit by digit as the contract says. */
function place({ sizes, strides }: StridedAxis, index: number): number {
  let rest = index;
  let at = 0;
  for (const [i, size] of [...sizes.entries()].reverse()) {
    at += (rest % size) * (strides[i] ?? 0);
    rest = Math.floor(rest / size);
  }
  return at;
}

function presented(name: string): number[] {
  const tensor = tensors.find((each) => each.name === name) ?? expect.fail(`no tensor ${name}`);
  const { derived } = tensor;
  if (derived?.kind !== 'strided') return expect.fail(`${name} is stored as it is`);
  const elements = storedElements(derived.of);
  const [rows = 0, columns = 1] = tensor.shape;
  return Array.from({ length: rows * columns }, (_, i) => {
    const at = place(derived.rows, Math.floor(i / columns)) + place(derived.cols, i % columns);
    return elements[derived.start + at] ?? Number.NaN;
  });
}

const FIRST = 'model.layers.0.self_attn';
const SECOND = 'model.layers.1.self_attn';

describe('rows of q and k in Hugging Face order', () => {
  it.each([
    [`${FIRST}.q_proj.weight`, 0, 1024],
    [`${FIRST}.k_proj.weight`, 1024, 512],
    [`${FIRST}.q_proj.bias`, 1536, 32],
    [`${FIRST}.k_proj.bias`, 1568, 16],
    [`${SECOND}.q_proj.weight`, 1584, 1024],
    [`${SECOND}.k_proj.weight`, 2608, 512],
  ])('%s is what it was before the conversion', (name, start, count) => {
    expect(presented(name)).toEqual([...expected.subarray(start, start + count)]);
  });

  it('covers the expected numbers, and leaves v alone', () => {
    expect(expected).toHaveLength(3120);
    expect(tensors.find(({ name }) => name === `${FIRST}.v_proj.weight`)?.derived).toBeUndefined();
  });
});

describe('without a way to know the order', () => {
  const folder = tempFolder();
  const only = (metadata: Record<string, number>, sizes: number[]): TensorInfo | undefined => {
    const file = join(folder, 'model.gguf');
    writeFileSync(file, ggufModel('llama', metadata, { 'blk.0.attn_k.weight': sizes }));
    return readGgufHeader(file).tensors[0];
  };

  it.each([
    ['no number of heads', {}, [8, 8]],
    ['heads of an odd size', { 'attention.head_count': 8 }, [8, 8]],
    ['heads that do not divide the rows', { 'attention.head_count': 3 }, [8, 8]],
    ['more than two dimensions', { 'attention.head_count': 2 }, [8, 8, 2]],
  ])('%s makes the tensor one that is only listed', (_, metadata, sizes) => {
    const tensor = only(metadata, sizes);
    expect(tensor?.derived).toBeUndefined();
    expect(tensor?.opaque).toContain('rotary order');
  });

  it('takes the number of heads for k where none of its own is stated', () => {
    const tensor = only({ 'attention.head_count': 2 }, [8, 8]);
    expect(tensor?.derived).toMatchObject({ rows: { sizes: [2, 2, 2], strides: [32, 8, 16] } });
  });
});
