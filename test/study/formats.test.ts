import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../src-main/base/assert.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Store } from '../../src-main/study/Store.ts';
import { Study } from '../../src-main/study/Study.ts';
import { writeAdapter } from '../fixtures/adapters.ts';
import { bf16Bits } from '../fixtures/checkpoints.ts';
import {
  smallLlama,
  throughFp8,
  throughQ8,
  tuned,
  type Values,
  type Weights,
  writeFp8,
  writeGguf,
  writeSharded,
  writeSingle,
  writeTorch,
  writeTorchShards,
} from '../fixtures/manyFormats.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
const at = (name: string): string => join(folder, name);

const base = smallLlama(1);
const moved = tuned(base);

const TARGETS = ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.down_proj'];
const [RANK, FACTOR] = [2, 2];

/** Small numbers in sixteen bits: their product has few digits, so that any order of summation gives the same. */
const factor = (rows: number, cols: number, step: number): Weights => ({
  shape: [rows, cols],
  data: Array.from({ length: rows * cols }, (_, i) => (((i * 7 + (i % cols) * step) % 9) - 4) / 128),
});

const updates = new Map(
  TARGETS.map((module) => {
    const [out = 0, into = 0] = must(base.get(`${module}.weight`), module).shape;
    return [module, { up: factor(out, RANK, 5), down: factor(RANK, into, 3) }] as const;
  }),
);

function writeLora(name: string, named = 'base'): string {
  const tensors = [...updates].flatMap(([module, { up, down }]) => [
    { name: `base_model.model.${module}.lora_A.weight`, dtype: 'F32', ...down },
    { name: `base_model.model.${module}.lora_B.weight`, dtype: 'F32', ...up },
  ]);
  return writeAdapter(at(name), {
    config: { base_model_name_or_path: named, r: RANK, lora_alpha: RANK * FACTOR },
    tensors,
  });
}

/** The weight that a module of the adapter makes, in float64. */
function adapted(
  module: string,
  under: Values = base,
): { before: readonly number[]; after: readonly number[] } {
  const { shape, data } = must(under.get(`${module}.weight`), module);
  const { up, down } = must(updates.get(module), module);
  const cols = must(shape[1], module);
  const after = data.map((x, i) => {
    const [row, col] = [Math.floor(i / cols), i % cols];
    const products = [0, 1].map((k) => (up.data[row * RANK + k] ?? 0) * (down.data[k * cols + col] ?? 0));
    return x + FACTOR * products.reduce((sum, product) => sum + product, 0);
  });
  return { before: data, after };
}

const WRITERS = {
  single: () => writeSingle(at('single'), base, 'BF16'),
  sharded: () => writeSharded(at('sharded'), base, 'BF16'),
  torch: () => writeTorch(at('torch'), base, 'BF16'),
  'torch-shards': () => writeTorchShards(at('torch-shards'), base, 'BF16'),
  'torch-f16': () => writeTorch(at('torch-f16'), base, 'F16'),
  'gguf-bf16': () => writeGguf(at('gguf-bf16'), base, 'BF16'),
  'gguf-f16': () => writeGguf(at('gguf-f16'), base, 'F16'),
  'gguf-f32': () => writeGguf(at('gguf-f32'), base, 'F32'),
  'tuned-f32': () => writeSingle(at('tuned-f32'), moved, 'F32'),
  'tuned-torch-f32': () => writeTorch(at('tuned-torch-f32'), moved, 'F32'),
  'tuned-gguf-f32': () => writeGguf(at('tuned-gguf-f32'), moved, 'F32'),
  'tuned-bf16': () => writeSingle(at('tuned-bf16'), moved, 'BF16'),
  'tuned-torch-bf16': () => writeTorchShards(at('tuned-torch-bf16'), moved, 'BF16'),
  'gguf-q8': () => writeGguf(at('gguf-q8'), base, 'Q8_0'),
  fp8: () => writeFp8(at('fp8'), base),
  lora: () => writeLora('lora'),
  'lora-on-fp8': () => writeLora('lora-on-fp8', 'fp8'),
  'lora-on-lora': () => writeLora('lora-on-lora', 'lora'),
} as const;
type Label = keyof typeof WRITERS;

const LOSSLESS: readonly Label[] = [
  'single',
  'sharded',
  'torch',
  'torch-shards',
  'torch-f16',
  'gguf-bf16',
  'gguf-f16',
  'gguf-f32',
];

const kernels = new Kernels({ threads: 2 });
let study: Study;
let rows: Row[];

beforeAll(async () => {
  writeSingle(at('base'), base, 'BF16');
  study = Study.create(at('study'), {
    schema: 'polarimeter.study/1',
    name: 'formats',
    base: { path: at('base') },
    variants: (Object.keys(WRITERS) as Label[]).map((label) => ({
      label,
      role: 'other',
      path: WRITERS[label](),
      from: 'base',
      adapterBase: null,
      run: null,
      step: null,
    })),
    options: StudyOptions.parse({ k: 8 }),
    notes: [],
  });
  await study.run(kernels, { limits: { memoryBytes: 2 ** 30, threads: 2 } });
  rows = study.rows();
});
afterAll(() => {
  study[Symbol.dispose]();
  kernels[Symbol.dispose]();
});

const find = (variant: string, measure: string, tensor: string | null = null): Row =>
  must(
    rows.find((row) =>
      row.variant === variant && row.measure === measure && tensor === null
        ? row.level === 'overall' && row.variant === variant && row.measure === measure
        : row.tensor === tensor && row.variant === variant && row.measure === measure,
    ),
    `${variant} ${measure} ${String(tensor)}`,
  );

const number = ({ value, measure, reason }: Row): number =>
  typeof value === 'number' ? value : expect.fail(`${measure}: ${String(value)}, ${String(reason)}`);

describe('every format of one model', () => {
  it.each(Object.keys(WRITERS))('%s is compared in whole', (label) => {
    expect(find(label, 'alignment.compared').value).toBe(1);
    const alignment = must(study.alignments.get(label), label);
    const left = alignment.tensors.filter(
      ({ status, reason }) => status !== 'compared' && reason !== 'bookkeeping',
    );
    expect(left).toEqual([]);
    expect([alignment.compared, alignment.partial]).toEqual([base.size, 0]);
  });

  it.each(LOSSLESS)('%s holds the numbers of the base', (label) => {
    for (const tensor of [null, ...base.keys()]) {
      expect(find(label, 'update.unchanged.native', tensor).value).toBe(1);
      expect(find(label, 'update.norm', tensor).value).toBe(0);
    }
  });

  it('has one result wherever the same bytes lie', () => {
    using store = new Store(at('study'));
    const pairs = new Map(
      store.bindings().map(({ variant, tensor, pair }) => [`${variant} ${tensor}`, pair]),
    );
    for (const [tensor, { shape }] of base) {
      const own = must(pairs.get(`single ${tensor}`), tensor);
      for (const label of ['sharded', 'torch', 'torch-shards'])
        expect(pairs.get(`${label} ${tensor}`)).toBe(own);
      // The vectors of a GGUF are in another type, and q and k in another order.
      if (shape.length === 2 && !/[qk]_proj/.test(tensor)) expect(pairs.get(`gguf-bf16 ${tensor}`)).toBe(own);
    }
  });

  it.each([
    ['tuned-torch-f32', 'tuned-f32'],
    ['tuned-gguf-f32', 'tuned-f32'],
    ['tuned-torch-bf16', 'tuned-bf16'],
  ])('%s has every value of %s', (one, other) => {
    // A pair of variants has its row at the first of them.
    const own = new Set(study.measures().flatMap(({ id, arity }) => (arity === 'variant' ? [id] : [])));
    const valuesOf = (label: string): string[] =>
      rows
        .filter(({ variant, measure }) => variant === label && own.has(measure))
        .map(({ level, tensor, layer, module, measure, value, baseline, reason }) =>
          JSON.stringify([level, tensor ?? layer ?? module, measure, value, baseline, reason]),
        );
    const others = new Set(valuesOf(other));
    expect(others.size).toBeGreaterThan(1000);
    expect(valuesOf(one).filter((row) => !others.has(row))).toEqual([]);
    expect(valuesOf(one)).toHaveLength(valuesOf(other).length);
  });
});

/** Norm of what storage changed over the norm of the base; sums of up to 10^4 squares in float64. */
function relativeNorm(stored: Values, names: Iterable<string>): number {
  let [change, whole] = [0, 0];
  for (const name of names) {
    const { data } = must(base.get(name), name);
    const after = must(stored.get(name), name).data;
    for (const [i, x] of data.entries()) {
      change += ((after[i] ?? Number.NaN) - x) ** 2;
      whole += x ** 2;
    }
  }
  return Math.sqrt(change / whole);
}

const q8: Values = new Map(
  [...base].map(([name, weights]) => [
    name,
    weights.shape.length === 1 ? weights : { ...weights, data: throughQ8(weights.data) },
  ]),
);

describe.each([
  ['gguf-q8', q8, 'BF16 vs Q8_0'],
  ['fp8', throughFp8(base), 'BF16 vs F8_E4M3 scaled'],
] as const)('%s, which loses digits', (label, stored, dtype) => {
  it.each([...base.keys()].filter((name) => name.endsWith('_proj.weight')))(
    '%s: as much as it must',
    (name) => {
      const row = find(label, 'update.relative-norm', name);
      const expected = relativeNorm(stored, [name]);
      expect(expected).toBeGreaterThan(1e-3);
      expect(Math.abs(number(row) / expected - 1)).toBeLessThan(1e4 * 2 ** -52);
      expect(row.dtype).toBe(dtype);
    },
  );

  it('and leaves the vectors as they are', () => {
    expect(find(label, 'update.unchanged.native', 'model.norm.weight').value).toBe(1);
  });
});

describe('an adapter on the base', () => {
  it.each(TARGETS)('%s: rank, norm and what bfloat16 would lose', (module) => {
    const { before, after } = adapted(module);
    const changed = after.filter((x, i) => x !== before[i]);
    const lost = after.filter((x, i) => x !== before[i] && bf16Bits(x) === bf16Bits(before[i] ?? Number.NaN));
    expect(lost.length).toBeGreaterThan(100);
    const tensor = `${module}.weight`;
    expect(find('lora', 'gate.swallowed', tensor).value).toBe(lost.length / changed.length);
    expect(find('lora', 'rank.numerical', tensor).value).toBe(
      RANK / Math.min(...must(base.get(tensor), tensor).shape),
    );
    expect(find('lora', 'update.unchanged.native', tensor).value).toBe(1 - changed.length / after.length);
    const size = Math.sqrt(after.reduce((sum, x, i) => sum + (x - (before[i] ?? 0)) ** 2, 0));
    expect(Math.abs(number(find('lora', 'update.norm', tensor)) / size - 1)).toBeLessThan(1e4 * 2 ** -52);
    expect(find('lora', 'update.norm', tensor).dtype).toBe('BF16 vs BF16 + LoRA');
  });

  it.each(TARGETS)('%s: laid on 8-bit floats with their scales, and on another adapter', (module) => {
    const name = `${module}.weight`;
    const { shape, data } = must(base.get(name), name);
    const sum = (label: string, after: readonly number[], dtype: string): void => {
      const row = find(label, 'update.relative-norm', name);
      const expected = relativeNorm(new Map([[name, { shape, data: after }]]), [name]);
      expect(Math.abs(number(row) / expected - 1)).toBeLessThan(1e4 * 2 ** -52);
      expect(row.dtype).toBe(dtype);
    };
    sum('lora-on-fp8', adapted(module, throughFp8(base)).after, 'BF16 vs F8_E4M3 scaled + LoRA');
    const { after } = adapted(module);
    const twice = after.map((x, i) => 2 * x - (data[i] ?? Number.NaN));
    sum('lora-on-lora', twice, 'BF16 vs BF16 + LoRA + LoRA');
  });

  it('changes nothing else', () => {
    for (const name of base.keys()) {
      if (updates.has(name.replace(/\.weight$/, ''))) continue;
      expect(find('lora', 'update.norm', name).value).toBe(0);
    }
  });
});
