import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { planGguf } from '../../src-main/inference/gguf/planGguf.ts';
import type { GgufWeights } from '../../src-main/inference/gguf/planTensors.ts';
import { writeGguf } from '../../src-main/inference/gguf/writeGguf.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { FAMILY_MODELS, type FamilyModel, writeFamilyModel } from '../fixtures/inference/familyModel.ts';
import { llamaBench, logProbabilities } from '../fixtures/inference/llamaBench.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

interface Expected {
  readonly F32: string;
  readonly BF16: string;
  /** With llama.cpp's table for Gemma's activation. */
  readonly tabulated?: string;
  /** What rounding the inputs of products to bfloat16 does. */
  readonly spread: { readonly most: number; readonly mean: number };
}
interface Reference {
  readonly tokens: number[];
  readonly families: Readonly<Record<string, Expected>>;
}

const REFERENCE = JSON.parse(
  readFileSync(new URL('../fixtures/inference/logits.json', import.meta.url), 'utf8'),
) as Reference;

function decoded(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

const folder = tempFolder();
const llama = await llamaBench();
const kernels = new Kernels();
afterAll(() => {
  kernels[Symbol.dispose]();
});

/** Log-probabilities of the converted model after each of the tokens. */
async function predictions(model: FamilyModel, stored: 'F32' | 'BF16', weights: GgufWeights) {
  const at = join(folder, `${String(model.config['model_type'])}-${stored}-${weights}`);
  const plan = planGguf(openCheckpoint(writeFamilyModel(at, model, stored)), weights);
  await writeGguf(plan, `${at}.gguf`, kernels);
  const loaded = await llama.loadModel({ modelPath: `${at}.gguf`, gpuLayers: 0 });
  try {
    return { plan, rows: await logProbabilities(loaded, REFERENCE.tokens) };
  } finally {
    await loaded.dispose();
  }
}

function errors(rows: readonly Float64Array[], expected: Float32Array): { most: number; mean: number } {
  const found = rows.flatMap((row) => [...row]);
  expect(found).toHaveLength(expected.length);
  const each = found.map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
  return { most: Math.max(...each), mean: each.reduce((sum, error) => sum + error, 0) / each.length };
}

function expectedOf(name: string): Expected {
  const expected = REFERENCE.families[name];
  if (!expected) throw new Error(`makeLogits.py has no ${name}`);
  return expected;
}

const MODELS = Object.entries(FAMILY_MODELS);

describe.each(MODELS)('%s', (name, model) => {
  const expected = expectedOf(name);

  it.each(['F32', 'BF16'] as const)('predicts from %s, widened, what its definition says', async (stored) => {
    const { plan, rows } = await predictions(model, stored, 'F32');
    expect(new Set(plan.tensors.map(({ dtype }) => dtype))).toEqual(new Set(['F32']));
    const { most, mean } = errors(rows, decoded(expected[stored]));
    // Gemma's activation comes from a table of float16: of 96 values in 2 or 3 layers, each off by up to 2^-11 of itself.
    expect(most).toBeLessThan(model.isGemma === true ? 5e-3 : 1e-4);
    expect(mean).toBeLessThan(model.isGemma === true ? 1e-3 : 1e-5);
  });

  it('predicts from bfloat16 as exactly as rounding the inputs of products allows', async () => {
    const { plan, rows } = await predictions(model, 'BF16', 'stored');
    for (const { shape, dtype } of plan.tensors) expect(dtype).toBe(shape.length === 1 ? 'F32' : 'BF16');
    const { most, mean } = errors(rows, decoded(expected.BF16));
    expect(most).toBeLessThan(2 * expected.spread.most);
    expect(mean).toBeLessThan(1.5 * expected.spread.mean);
  });

  it('predicts from float16 eight times as exactly: it has three more bits', async () => {
    const { plan, rows } = await predictions(model, 'BF16', 'F16');
    for (const { shape, dtype } of plan.tensors) expect(dtype).toBe(shape.length === 1 ? 'F32' : 'F16');
    const { most, mean } = errors(rows, decoded(expected.BF16));
    expect(most).toBeLessThan((2 / 8) * expected.spread.most);
    expect(mean).toBeLessThan((1.5 / 8) * expected.spread.mean);
  });
});

describe.each(MODELS.filter(([, { isGemma }]) => isGemma === true))('%s', (name, model) => {
  it('predicts what its definition says with that table', async () => {
    const { rows } = await predictions(model, 'F32', 'stored');
    const { most, mean } = errors(rows, decoded(expectedOf(name).tabulated ?? ''));
    // Sums in another order flip a rounding of the table here and there.
    expect(most).toBeLessThan(1e-3);
    expect(mean).toBeLessThan(1e-4);
  });
});
