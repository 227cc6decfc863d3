import { utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  MapDocument,
  NOTHING_HERE,
  unpackMap,
  type MapLevel,
  type MapQuery,
  wordOr,
  type MapTable,
} from '../../src-main/contract/map.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { Study } from '../../src-main/study/Study.ts';
import { PlantedStudies, type PlantedModel } from '../fixtures/plantedStudy.ts';
import { updatedModel } from '../fixtures/updatedModel.ts';

const CONFIG = {
  model_type: 'qwen3_moe',
  architectures: ['Qwen3MoeForCausalLM'],
  num_hidden_layers: 2,
  hidden_size: 16,
  num_experts: 2,
  num_attention_heads: 2,
};
const NAMES = [0, 1].flatMap((layer) => [
  `model.layers.${String(layer)}.self_attn.q_proj.weight`,
  ...[0, 1].map((e) => `model.layers.${String(layer)}.mlp.experts.${String(e)}.up_proj.weight`),
]);
const model = (seed: number): PlantedModel => updatedModel(NAMES, seed);
const studies = new PlantedStudies();

async function planted(): Promise<Study> {
  const variants = {
    a: { model: model(1), role: 'rl' as const },
    b: { model: model(2), role: 'rl' as const },
  };
  const { study } = await studies.run({ base: model(0), variants, dtype: 'BF16', config: CONFIG });
  return study;
}

type Query = Partial<Pick<MapQuery, 'per' | 'module'>>;

async function tableOf(study: Study, measure: string, query: Query = {}): Promise<MapTable> {
  const document = await study.map({ measure: [measure], per: [], module: [], ...query });
  return unpackMap(MapDocument.parse(JSON.parse(JSON.stringify(document))));
}

/** What a map says at a level, in the words of rows. */
function asRows({ places, notes, columns }: MapTable, level: MapLevel): Partial<Row>[] {
  return columns.flatMap((column) =>
    places.names.flatMap((tensor, i) => {
      if (places.levels[i] !== level) return [];
      const note = notes[column.notes[i]!];
      if (!note) return [];
      const value = note.hasValue ? wordOr(column.values[i]!) : null;
      const baseline = note.hasBaseline ? wordOr(column.baselines![i]!) : null;
      const { variant, reference } = column;
      const [layer, module] = [places.layers[i]!, places.modules[i]!];
      const { method, parameters, dtype, reason } = note;
      return [
        {
          variant,
          reference,
          tensor: level === 'tensor' ? tensor : null,
          layer,
          module,
          value,
          baseline,
          method,
          parameters,
          dtype,
          reason,
        },
      ];
    }),
  );
}

const FIELDS = ['variant', 'reference', 'tensor', 'layer', 'module', 'value', 'baseline', 'method', 'parameters', 'dtype', 'reason'] as const; // prettier-ignore
const onMap = (row: Row): Partial<Row> => Object.fromEntries(FIELDS.map((field) => [field, row[field]]));
const nameOf = ({ variant, tensor, layer, module }: Partial<Row>): string =>
  [variant, tensor, layer, module].map(String).join(' ');
const byPlace = (a: Partial<Row>, b: Partial<Row>): number => (nameOf(a) < nameOf(b) ? -1 : 1);

describe('the map of a study', () => {
  it('says of every tensor of every measure what its row says, also per unit of update norm', async () => {
    const study = await planted();
    const modules = [...new Set(study.rows({ level: ['module'] }).map(({ module }) => module!))];
    expect(modules).toEqual(expect.arrayContaining(['q_proj', 'embed_tokens']));
    for (const { id } of study.measures()) {
      for (const per of [[], ['update-norm']] satisfies MapQuery['per'][]) {
        const maps = await Promise.all(
          modules.map((module) => tableOf(study, id, { per, module: [module] })),
        );
        const rows = study.rows({ level: ['tensor'], measure: [id], per }).map(onMap);
        expect(maps.flatMap((table) => asRows(table, 'tensor')).sort(byPlace), id).toEqual(
          rows.sort(byPlace),
        );
      }
    }
  });

  it('says of every layer and of every module what their rows say', async () => {
    const study = await planted();
    for (const { id } of study.measures()) {
      const table = await tableOf(study, id);
      for (const level of ['layer', 'module'] as const) {
        const rows = study.rows({ level: [level], measure: [id] }).map(onMap);
        expect(asRows(table, level).sort(byPlace), `${id} ${level}`).toEqual(rows.sort(byPlace));
      }
    }
  });

  it('aggregates the experts of a layer as rows of the layer are aggregated, and counts them', async () => {
    const study = await planted();
    const [experts] = [study.modules.find((module) => module.includes('up_proj'))!];
    const table = await tableOf(study, 'update.unchanged.bf16');
    const at = table.places.modules.indexOf(experts);
    const { levels, layers, tensors } = table.places;
    const cells = levels.lastIndexOf('cell') + 1;
    expect([layers.slice(0, cells), tensors.slice(0, cells)]).toEqual([[null, 0, 0, 1, 1], [1, 1, 2, 1, 2]]); // prettier-ignore
    expect(table.places.names[at]).toBe('model.layers.0.mlp.experts.0.up_proj.weight');
    const inside = await tableOf(study, 'update.unchanged.bf16', { module: [experts] });
    expect(inside.places.experts).toEqual([0, 1, 0, 1, null, null]);
    // The experts are of one size, so that the share over both is the mean of their shares.
    const [first, second] = inside.columns[0]!.values;
    expect([table.columns[0]!.tensors[at], table.columns[0]!.values[at]]).toEqual([2, expect.closeTo((first! + second!) / 2, 14)]); // prettier-ignore
  });

  it('marks what a measure does not apply to, and says why a value is missing', async () => {
    const study = await planted();
    const { places, columns, notes } = await tableOf(study, 'angles.left.median');
    const embedding = notes[columns[0]!.notes[places.modules.indexOf('embed_tokens')]!];
    expect(embedding).toMatchObject({
      hasValue: false,
      reason: expect.stringContaining('embeddings') as string,
    });
    const routed = await tableOf(study, 'experts.untouched');
    expect(routed.columns[0]!.notes[routed.places.modules.indexOf('q_proj')]).toBe(NOTHING_HERE);
  });

  it('knows of what was measured since it was asked last, and of a file that changed since then', async () => {
    const first = await studies.run({
      base: model(0),
      variants: { a: { model: model(1) } },
      dtype: 'BF16',
      config: CONFIG,
      options: { layers: [[0, 0]] },
    });
    const { study } = first;
    const notes = async (of = study): Promise<(string | null)[]> =>
      (await tableOf(of, 'update.norm')).notes.map(({ reason }) => reason);
    expect(await notes()).toEqual([null]);
    const [file] = [study.checkpoints.get('a')!.tensors[0]!.file];
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect(await notes()).toContain('the file changed after it was measured: run the study again');
    // Its headers may have changed as well: it is opened again.
    using later = Study.open(study.folder);
    await later.run(studies.kernels, { limits: { memoryBytes: 2 ** 30, threads: 2 } });
    expect(await notes(later)).toEqual([null]);
    expect(await notes()).toEqual([null]);
  });

  it('has a column for every pair and every set', async () => {
    const study = await planted();
    const together = async (id: string): Promise<unknown[]> =>
      (await tableOf(study, id)).columns.map(({ variant, with: others }) => [variant, others]);
    expect(await together('update.cosine')).toEqual([['a', 'b']]);
    const [set] = study.measures().filter(({ arity }) => arity === 'set-of-variants');
    expect(await together(set!.id)).toEqual([['a', 'b']]);
  });
});
