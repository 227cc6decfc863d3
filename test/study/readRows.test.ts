import { describe, expect, it, vi } from 'vitest';
import type { RowsQuery } from '../../src-main/contract/routes.ts';
import { Store } from '../../src-main/study/Store.ts';
import type { Study } from '../../src-main/study/Study.ts';
import { PlantedStudies, type PlantedModel } from '../fixtures/plantedStudy.ts';
import { updatedModel } from '../fixtures/updatedModel.ts';

const NAMES = [0, 1].flatMap((layer) =>
  ['q_proj', 'k_proj'].map((module) => `model.layers.${String(layer)}.self_attn.${module}.weight`),
);
const model = (seed: number): PlantedModel => updatedModel(NAMES, seed);
const studies = new PlantedStudies();

async function planted(): Promise<Study> {
  const variants = {
    a: { model: model(1), role: 'rl' as const },
    b: { model: model(2), role: 'rl' as const },
  };
  const { study } = await studies.run({ base: model(0), variants, dtype: 'BF16' });
  return study;
}

const QUERIES: readonly Partial<RowsQuery>[] = [
  {},
  { level: ['overall'] },
  { level: ['module', 'tensor'], variant: ['b'] },
  { measure: ['update.relative-norm', 'update.unchanged.bf16'], level: ['overall'], per: ['update-norm'] },
  { layers: ['1'], module: ['q_proj'], level: ['overall', 'layer'] },
];

describe('rows that are read in stretches', () => {
  it('are the rows that are read at once, in the same order, for several queries together', async () => {
    const study = await planted();
    const together = await study.readRows(QUERIES);
    expect(together).toEqual(QUERIES.map((query) => study.rows(query)));
    // Pairs and sets of runs are among them.
    expect(new Set(together[0]?.map(({ measure }) => measure))).toContain('overlap.ever');
    expect(together.every((rows) => rows.length > 0)).toBe(true);
  });

  it('of named tensors are the same as well', async () => {
    const study = await planted();
    const query = { tensor: [NAMES[2] ?? ''], level: ['tensor' as const] };
    expect(await study.readRows([query])).toEqual([study.rows(query)]);
  });

  it('read each measure once however many queries ask for it, and bindings once for all calls', async () => {
    const study = await planted();
    const results = vi.spyOn(Store.prototype, 'resultPages');
    const bindings = vi.spyOn(Store.prototype, 'bindingPages');
    const asked = { measure: ['update.norm'], level: ['overall' as const] };
    await study.readRows([asked, asked, { ...asked, level: ['tensor'] }]);
    expect(results).toHaveBeenCalledTimes(1);
    await study.readRows([asked]);
    await study.map({ measure: ['update.norm'], per: [], module: [] });
    expect(bindings).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });
});

describe('what a run would cost', () => {
  it('is not worked out again while nothing changed', async () => {
    const study = await planted();
    const limits = { memoryBytes: 2 ** 30, threads: 1 };
    const first = study.estimate(studies.kernels, limits);
    const looked = vi.spyOn(Store.prototype, 'allMeasures');
    const bindings = vi.spyOn(Store.prototype, 'bindingPages');
    expect(study.estimate(studies.kernels, limits)).toBe(first);
    expect([looked.mock.calls.length, bindings.mock.calls.length]).toEqual([0, 0]);
    vi.restoreAllMocks();
  });
});
