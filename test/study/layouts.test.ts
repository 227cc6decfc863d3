import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { must } from '../../src-main/base/assert.ts';
import type { Alignment } from '../../src-main/contract/alignment.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Study } from '../../src-main/study/Study.ts';
import { type TensorSource, writeCheckpoint } from '../fixtures/checkpoints.ts';
import type { SmallModel } from '../fixtures/mixtureLayouts.ts';
import { deepseekV3, gpt2, gptOss, llama4, mixtral, phi3, qwen3Moe } from '../fixtures/mixtureLayouts.ts';
import { llamaLayout, modelLayout } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
const kernels = new Kernels({ threads: 2 });
afterAll(() => {
  kernels[Symbol.dispose]();
});

/** Finite numbers other than zero, the same for the same model. */
function filled(tensor: TensorSource, seed: number): TensorSource {
  const size = tensor.shape.reduce((product, n) => product * n, 1);
  const numbers = Array.from({ length: size }, (_, i) => (((i * 37 + seed * 11) % 97) + 1) / 128);
  if (tensor.dtype === 'BF16' || tensor.dtype === 'F32') return { ...tensor, data: numbers };
  return { ...tensor, data: Uint8Array.from(numbers, (x) => Math.round(x * 100)) };
}

const write = (name: string, { config, tensors }: SmallModel, seed: number): string =>
  writeCheckpoint(join(folder, name), { config, tensors: tensors.map((each) => filled(each, seed)) });

interface Measured {
  readonly rows: Row[];
  readonly alignment: Alignment;
}

async function measured(name: string, base: SmallModel, variant: SmallModel): Promise<Measured> {
  using study = Study.create(join(folder, `${name}.polarimeter`), {
    schema: 'polarimeter.study/1',
    name,
    base: { path: write(`${name}-base`, base, 1) },
    variants: [
      {
        label: 'tuned',
        role: 'rl',
        path: write(`${name}-tuned`, variant, 2),
        from: 'base',
        adapterBase: null,
        run: null,
        step: null,
      },
    ],
    options: StudyOptions.parse({ k: 2 }),
    notes: [],
  });
  await study.run(kernels, { limits: { memoryBytes: 2 ** 30, threads: 2 } });
  return { rows: study.rows(), alignment: must(study.alignments.get('tuned'), 'tuned') };
}

const valuesOf = (rows: readonly Row[], measure: string, level: Row['level'] = 'overall'): unknown[] =>
  rows.filter((row) => row.measure === measure && row.level === level).map(({ value }) => value);

const sizeOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.reduce((product, n) => product * n, 1);

/** Every stored element of either side is behind a row: what is fused in its parts, what is quantised without its scales. */
function expectEveryTensor({ rows, alignment }: Measured, base: SmallModel, variant: SmallModel): void {
  const listed = rows.filter(({ measure, level }) => measure === 'alignment.compared' && level === 'tensor');
  expect(listed.map(({ tensor }) => tensor)).toEqual(alignment.tensors.map(({ tensor }) => tensor));
  for (const [side, { tensors }] of [
    ['reference', base],
    ['variant', variant],
  ] as const) {
    // Of a tensor that is compared in part the row holds that part; its note says of how many rows.
    const found = alignment.tensors.flatMap((row) => {
      const whole = /rows of (\d+) and (\d+)/.exec(row.detail ?? '')?.[side === 'reference' ? 1 : 2];
      const info = row[side];
      return info === null ? [] : [whole === undefined ? sizeOf(info) : Number(whole) * (info.shape[1] ?? 1)];
    });
    const sum = (sizes: readonly number[]): number => sizes.reduce((total, n) => total + n, 0);
    expect(sum(found)).toBe(sum(tensors.map(sizeOf)));
  }
}

const gemma = (head: boolean): SmallModel =>
  modelLayout({
    modelType: 'gemma2',
    architecture: 'Gemma2ForCausalLM',
    headDim: 5,
    tied: true,
    feedforwardNorms: true,
    head,
  });

describe.each<[string, SmallModel, SmallModel]>([
  ['DeepSeek-V3 in BF16 and FP8', deepseekV3(false), deepseekV3(true)],
  ['DeepSeek-V3 in FP8', deepseekV3(true), deepseekV3(true)],
  ['Qwen3-MoE apart and fused', qwen3Moe(false), qwen3Moe(true)],
  ['Mixtral apart and fused', mixtral(false), mixtral(true)],
  ['Llama 4 fused and apart', llama4(true), llama4(false)],
  ['GPT-OSS in BF16', gptOss(false), gptOss(false)],
  ['GPT-2', gpt2(), gpt2()],
  ['Phi-3 fused and apart', phi3(true), phi3(false)],
  ['Gemma with tied embeddings', gemma(false), gemma(false)],
  ['Gemma, the head stored once', gemma(false), gemma(true)],
])('%s', (name, base, variant) => {
  it('is compared in whole, every tensor measured', async () => {
    const found = await measured(name, base, variant);
    const { rows } = found;
    expect(valuesOf(rows, 'alignment.compared')).toEqual([1]);
    const perTensor = valuesOf(rows, 'alignment.compared', 'tensor');
    expect(perTensor.filter((value) => value !== 1 && value !== null)).toEqual([]);
    expectEveryTensor(found, base, variant);
    const norms = rows.filter(({ measure, level }) => measure === 'update.norm' && level === 'tensor');
    expect(norms.length).toBe(perTensor.filter((value) => value === 1).length);
    expect(norms.filter(({ value }) => typeof value !== 'number' || !(value > 0))).toEqual([]);
  });
});

describe('what cannot be compared in whole', () => {
  it('Llama with a resized vocabulary: the share of its parameters that both sides have', async () => {
    const base = llamaLayout();
    const grown = {
      ...base,
      config: { ...base.config, vocab_size: 20 },
      tensors: base.tensors.map((tensor) =>
        /embed_tokens|lm_head/.test(tensor.name) ? { ...tensor, shape: [20, 12] } : tensor,
      ),
    };
    const found = await measured('resized', base, grown);
    const { rows } = found;
    const sizes = base.tensors.map(({ shape }) => shape.reduce((product, n) => product * n, 1));
    const all = sizes.reduce((sum, n) => sum + n, 0);
    expect(valuesOf(rows, 'alignment.compared')).toEqual([all / (all + 2 * 4 * 12)]);
    const embedding = rows.find(
      ({ measure, tensor }) => measure === 'alignment.compared' && tensor === 'model.embed_tokens.weight',
    );
    expect([embedding?.value, embedding?.reason]).toEqual([
      16 / 20,
      'compared on the first 16 rows of 16 and 20: the vocabulary was resized',
    ]);
    expectEveryTensor(found, base, grown);
  });

  it('GPT-OSS in BF16 and packed: the packed side says so', async () => {
    const found = await measured('half-packed', gptOss(false), gptOss(true));
    const reasons = found.alignment.tensors
      .filter(({ tensor }) => tensor.endsWith('_proj_blocks'))
      .map(({ reason, detail }) => [reason, detail]);
    expect(reasons).toEqual(Array(4).fill(['only-in-variant', 'U8 (packed by MXFP4)']));
    expectEveryTensor(found, gptOss(false), gptOss(true));
  });

  it('GPT-OSS with packed experts: they are listed with their packing, and count as not compared', async () => {
    const found = await measured('packed', gptOss(true), gptOss(true));
    const { rows } = found;
    const blocks = rows.filter(
      ({ measure, tensor }) => measure === 'alignment.compared' && tensor?.endsWith('_proj_blocks'),
    );
    expect(blocks.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
    for (const { reason } of blocks) expect(reason).toContain('packed by MXFP4');
    expectEveryTensor(found, gptOss(true), gptOss(true));
    expect(Number(valuesOf(rows, 'alignment.compared')[0])).toBeLessThan(1);
  });
});
