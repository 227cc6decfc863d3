import { describe, expect, it } from 'vitest';
import { bf16Bits, bf16Value } from '../fixtures/checkpoints.ts';
import { gaussian, scale, type Matrix } from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedModel } from '../fixtures/plantedStudy.ts';

/** Tensor, layer, module, rows, columns, and that every so many weights move one bf16 step in runs a and b. */
const TENSORS = [
  ['model.embed_tokens.weight', null, 'embed_tokens', 30, 16, 2, 3],
  ['model.layers.0.self_attn.q_proj.weight', 0, 'q_proj', 16, 16, 2, 2],
  ['model.layers.0.mlp.up_proj.weight', 0, 'up_proj', 40, 16, 4, 8],
  ['model.layers.1.self_attn.q_proj.weight', 1, 'q_proj', 16, 16, 4, 2],
  ['model.layers.1.mlp.up_proj.weight', 1, 'up_proj', 40, 16, 5, 5],
  ['model.layers.2.self_attn.q_proj.weight', 2, 'q_proj', 16, 16, 8, 4],
  ['model.layers.2.mlp.up_proj.weight', 2, 'up_proj', 40, 16, 10, 2],
] as const;
type Planted = (typeof TENSORS)[number];

const base: PlantedModel = Object.fromEntries(
  TENSORS.map(([name, , , rows, cols], i) => [
    name,
    stored(scale(gaussian(rows, cols, i + 1), 0.02), 'BF16'),
  ]),
);
const run = (which: 5 | 6) => ({
  model: Object.fromEntries(
    TENSORS.map((tensor): [string, Matrix] => {
      const w = base[tensor[0]]!;
      const values = w.values.map((x, i) => (i % tensor[which] === 0 ? bf16Value(bf16Bits(x) + 1) : x));
      return [tensor[0], { ...w, values }];
    }),
  ),
});

const size = ([, , , rows, cols]: Planted): number => rows * cols;
const every = (tensor: Planted, step: number): number => Math.ceil(size(tensor) / step);
const sum = (tensors: readonly Planted[], of: (tensor: Planted) => number): number =>
  tensors.reduce((total, tensor) => total + of(tensor), 0);
const unchanged = (tensors: readonly Planted[]): number =>
  1 - sum(tensors, (tensor) => every(tensor, tensor[5])) / sum(tensors, size);

const studies = new PlantedStudies();
const planted = () =>
  studies.run({ base, variants: { a: run(5), b: run(6) }, dtype: 'BF16', options: { k: 4 } });
const UNCHANGED = 'update.unchanged.bf16';

describe('rows over a part of the model', () => {
  it('of one tensor may name layers and modules of others; only what the study has not is a mistake', async () => {
    const { study } = await planted();
    const about = { measure: [UNCHANGED], tensor: [TENSORS[1][0]], level: ['tensor' as const] };
    expect(study.rows({ ...about, layers: ['0-2'], module: ['q_proj'] })).toHaveLength(2);
    expect(study.rows({ ...about, layers: ['2'] })).toEqual([]);
    expect(study.rows({ ...about, module: ['up_proj'] })).toEqual([]);
    expect(() => study.rows({ ...about, layers: ['3'] })).toThrow('this study has no such layers');
    expect(() => study.rows({ ...about, module: ['up_prj'] })).toThrow('did you mean up_proj?');
  });

  it('are made of the tensors of the layers and modules asked for, and say so', async () => {
    const { study } = await planted();
    const about = { measure: [UNCHANGED], variant: ['a'], level: ['overall' as const] };
    const [all] = study.rows(about);
    expect(all?.value).toBeCloseTo(unchanged(TENSORS), 14);
    expect(Object.keys(all?.parameters ?? {})).not.toContain('layers');

    const inLayers = TENSORS.filter(([, layer]) => layer === 1 || layer === 2);
    const [layers] = study.rows({ ...about, layers: ['1-2'] });
    expect(layers?.value).toBeCloseTo(unchanged(inLayers), 14);
    expect(layers).toMatchObject({ tensors: 4, parameters: { layers: '1-2' } });

    const queries = TENSORS.filter(([, , module]) => module === 'q_proj');
    const [modules] = study.rows({ ...about, module: ['q_proj'] });
    expect(modules?.value).toBeCloseTo(unchanged(queries), 14);
    expect(modules).toMatchObject({ tensors: 3, parameters: { modules: 'q_proj' } });

    const both = queries.filter(([, layer]) => layer === 0 || layer === 2);
    const [few] = study.rows({ ...about, layers: ['0', '2'], module: ['q_proj'] });
    expect(few?.value).toBeCloseTo(unchanged(both), 14);
    expect(few?.parameters).toMatchObject({ layers: '0, 2', modules: 'q_proj' });
  });

  it('at every level, for pairs, and per unit of the norm of the same part', async () => {
    const { study } = await planted();
    const part = { layers: ['1-2'], module: ['up_proj'] };
    const mine = TENSORS.filter(([, layer, module]) => module === 'up_proj' && layer !== 0);
    const rows = study.rows({ measure: [UNCHANGED], variant: ['b'], ...part });
    expect(rows.map(({ level, layer, module, tensor }) => [level, layer, module, tensor])).toEqual([
      ['overall', null, null, null],
      ['module', null, 'up_proj', null],
      ['layer', 1, null, null],
      ['layer', 2, null, null],
      ['tensor', 1, 'up_proj', mine[0]![0]],
      ['tensor', 2, 'up_proj', mine[1]![0]],
    ]);
    for (const row of rows.slice(2, 4)) {
      const tensor = mine.find(([, layer]) => layer === row.layer)!;
      expect(row.value).toBeCloseTo(1 - every(tensor, tensor[6]) / size(tensor), 14);
    }

    const [pair] = study.rows({ measure: ['overlap.jaccard-weighted'], level: ['overall'], ...part });
    const hit = (tensor: Planted, of: (a: boolean, b: boolean) => boolean): number =>
      Array.from({ length: size(tensor) }, (_, i) => of(i % tensor[5] === 0, i % tensor[6] === 0)).filter(
        Boolean,
      ).length;
    expect(pair?.value).toBeCloseTo(
      sum(mine, (tensor) => hit(tensor, (a, b) => a && b)) /
        sum(mine, (tensor) => hit(tensor, (a, b) => a || b)),
      14,
    );
    expect(pair?.parameters).toEqual({ with: 'b', layers: '1-2', modules: 'up_proj' });

    const query = { level: ['overall' as const], variant: ['a'], ...part };
    const [norm] = study.rows({ ...query, measure: ['update.relative-norm'] });
    const [matched] = study.rows({ ...query, measure: [UNCHANGED], per: ['update-norm'] });
    expect(matched?.value).toBeCloseTo(((1 - unchanged(mine)) * 0.01) / Number(norm?.value), 10);
  });

  it('of what the study does not have are refused with the nearest name', async () => {
    const { study } = await planted();
    expect(() => study.rows({ module: ['q_pro'] })).toThrow(/no such module; did you mean q_proj\?/);
    expect(() => study.rows({ layers: ['7-9'] })).toThrow(/no such layers/);
    expect(() => study.rows({ layers: ['one'] })).toThrow(/layers are written/);
    await expect(study.consensus({ layers: ['7'], module: [] })).rejects.toThrow(/no such layers/);
  });
});
