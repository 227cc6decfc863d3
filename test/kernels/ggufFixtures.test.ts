import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { must } from '../../src-main/base/assert.ts';
import { readGgufHeader } from '../../src-main/checkpoint/gguf/readGgufHeader.ts';
import type { TensorInfo } from '../../src-main/contract/checkpoint.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { tensorSource, type DerivedSource, type StoredSource } from '../../src-main/tensors/tensorSource.ts';

/** Files that llama.cpp wrote, and what it reads from them; see writeGgufFixtures.py there. */
const FIXTURES = join(import.meta.dirname, '../fixtures/gguf');
const [ROWS, COLS] = [2, 512];
const TENSORS = ['mlp.up_proj', 'mlp.down_proj'].map((module) => `model.layers.0.${module}.weight`);

const kernels = new Kernels();
afterAll(() => {
  kernels[Symbol.dispose]();
});

/** Numbers of a .f32 file from one of them on, as a matrix. */
const expectedMatrix = (file: string, first: number, [rows, cols]: readonly number[]): StoredSource => ({
  name: 'expected',
  path: join(FIXTURES, `${file}.f32`),
  offset: first * 4,
  dtype: 'F32',
  rows: cols === undefined ? 1 : (rows ?? 1),
  cols: cols ?? rows ?? 1,
});

function tensorsOf(file: string): Map<string, TensorInfo> {
  const { tensors } = readGgufHeader(join(FIXTURES, `${file}.gguf`));
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

async function compared(expected: StoredSource, tensor: StoredSource | DerivedSource) {
  const { pairs } = await kernels.elementPass({ reference: expected, variants: [tensor] });
  return must(pairs[0], 'one pair');
}

describe.each(['f32', 'f16', 'bf16', 'q4_0', 'q5_0', 'q8_0', 'q3_k', 'q6_k'])('%s', (file) => {
  it.each(TENSORS)('%s is what llama.cpp reads, bit by bit', async (name) => {
    const tensor = must(tensorsOf(file).get(name), name);
    const expected = expectedMatrix(file, TENSORS.indexOf(name) * ROWS * COLS, tensor.shape);
    const { n, unchangedNative } = await compared(expected, tensorSource(tensor));
    expect([n, unchangedNative]).toEqual([ROWS * COLS, ROWS * COLS]);
  });
});

/** Distance from a number to the next in single precision, twice the error of rounding to it. */
function step(value: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -126);
  return 2 ** (exponent - 23);
}

// A scale times a small integer plus or minus a minimum needs up to 52 bits; llama.cpp rounds the sum to single precision.
describe.each(['q4_1', 'q5_1', 'q2_k', 'q4_k', 'q5_k'])('%s', (file) => {
  it.each(TENSORS)('%s is what llama.cpp reads, once every element is rounded to float32', async (name) => {
    const tensor = tensorSource(must(tensorsOf(file).get(name), name));
    const first = TENSORS.indexOf(name) * ROWS * COLS;
    const values = new Float32Array(new Uint8Array(readFileSync(join(FIXTURES, `${file}.f32`))).buffer);
    const far: number[] = [];
    for (let at = 0; at < ROWS * COLS; at++) {
      const one: DerivedSource = {
        name: `element ${String(at)}`,
        derived: {
          kind: 'strided',
          of: tensor,
          start: at,
          rows: { sizes: [], strides: [] },
          cols: { sizes: [], strides: [] },
        },
        rows: 1,
        cols: 1,
      };
      const { n, maxAbsUpdate } = await compared(expectedMatrix(file, first + at, [1]), one);
      if (n !== 1 || maxAbsUpdate > step(values[first + at] ?? 0) / 2) far.push(at);
    }
    expect(far).toEqual([]);
  });
});

describe('llama.gguf', () => {
  const layer = (i: number, part: string): string => `model.layers.${String(i)}.self_attn.${part}`;
  it.each([
    [layer(0, 'q_proj.weight'), 0, 1024],
    [layer(0, 'k_proj.weight'), 1024, 512],
    [layer(0, 'q_proj.bias'), 1536, 32],
    [layer(0, 'k_proj.bias'), 1568, 16],
    [layer(1, 'q_proj.weight'), 1584, 1024],
    [layer(1, 'k_proj.weight'), 2608, 512],
  ])('%s is in Hugging Face order', async (name, first, count) => {
    const tensor = must(tensorsOf('llama').get(name), name);
    const { n, unchangedNative } = await compared(
      expectedMatrix('llama', first, tensor.shape),
      tensorSource(tensor),
    );
    expect([n, unchangedNative]).toEqual([count, count]);
  });
});
