import { describe, expect, it } from 'vitest';
import { alignCheckpoints } from '../../src-main/architecture/alignCheckpoints.ts';
import { StudyOptions, Variant } from '../../src-main/contract/study.ts';
import { TensorsDocument } from '../../src-main/contract/tensors.ts';
import { selectTensors } from '../../src-main/study/selectTensors.ts';
import { tensorDirectory } from '../../src-main/study/tensorDirectory.ts';
import { blank } from '../fixtures/elementSources.ts';
import { inMemory } from '../fixtures/inMemory.ts';
import { llamaLayout } from '../fixtures/modelLayouts.ts';

const variants = (count: number): Variant[] =>
  Array.from({ length: count }, (_, i) => Variant.parse({ label: `v${String(i)}`, role: 'rl', path: '/v' }));

describe('the directory of tensors', () => {
  const { config, tensors } = llamaLayout();
  const base = inMemory(tensors, config);
  const odd = tensors.flatMap((tensor) => {
    if (tensor.name.includes('layers.1.mlp.up_proj')) return [];
    return tensor.name.includes('layers.0.self_attn.q_proj') ? [blank(tensor.name, [4, 4])] : [tensor];
  });
  const grown = [...odd, blank('model.layers.0.self_attn.g_proj.weight', [12, 12])];
  const options = StudyOptions.parse({ k: 4, layers: [[0, 0]] });
  const alignments = new Map(
    [inMemory(tensors, config), inMemory(grown, config)].map((checkpoint, i) => [
      `v${String(i)}`,
      selectTensors(alignCheckpoints(base, checkpoint), options),
    ]),
  );
  const directory = tensorDirectory({ name: 'odd', variants: variants(2), options }, alignments);
  const named = (name: string) => {
    const found = directory.tensors.filter((tensor) => tensor.name === name);
    expect(found, name).toHaveLength(1);
    const { layout, fate, ...rest } = found[0]!;
    return { ...rest, layout: directory.layouts[layout]!, fate: directory.fates[fate]! };
  };

  it('has the shape of its contract and every name once, in the order of the model', () => {
    expect(TensorsDocument.parse(directory)).toEqual(directory);
    const names = directory.tensors.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(tensors.length + 1);
    // What only a variant has stands in its layer, not at the end.
    const at = (part: string): number => names.findIndex((name) => name.includes(part));
    expect(at('embed_tokens')).toBe(0);
    expect(at('layers.0.self_attn.g_proj')).toBeGreaterThan(at('layers.0.self_attn.q_proj'));
    expect(at('layers.0.self_attn.g_proj')).toBeLessThan(at('layers.1.self_attn.q_proj'));
  });

  it('says which variants compare a tensor, and why the others do not', () => {
    expect(named('model.layers.0.self_attn.o_proj.weight')).toMatchObject({
      layer: 0,
      fate: { compared: [0, 1], notCompared: [] },
      layout: { module: 'o_proj', kind: 'matrix', k: 4, heads: { axis: 'columns' }, notSpectral: null },
    });
    expect(named('model.layers.0.self_attn.q_proj.weight').fate).toMatchObject({
      compared: [0],
      notCompared: [{ variant: 1, reason: 'shape-differs' }],
    });
    expect(named('model.layers.1.mlp.up_proj.weight')).toMatchObject({
      layout: { matrix: null, k: null },
      fate: { compared: [], notCompared: [{ reason: 'not-selected' }, { reason: 'only-in-reference' }] },
    });
    expect(named('model.layers.0.self_attn.g_proj.weight').fate).toMatchObject({
      compared: [],
      notCompared: [{ variant: 1, reason: 'only-in-variant' }],
    });
    const norm = named('model.layers.0.input_layernorm.weight').layout;
    expect(norm).toMatchObject({ k: null, matrix: { rows: 1 } });
    expect(norm.notSpectral).toMatch(/^not a matrix/);
  });

  it('stays small and quick for 50 000 tensors of an expert model in eight variants', () => {
    const experts = Array.from({ length: 24 }, (_, layer) =>
      Array.from({ length: 700 }, (_unused, expert) =>
        ['gate_proj', 'up_proj', 'down_proj'].map((part) =>
          blank(`model.layers.${String(layer)}.mlp.experts.${String(expert)}.${part}.weight`, [12, 12]),
        ),
      ),
    ).flat(2);
    const model = inMemory(experts, { ...config, model_type: 'qwen3_moe', num_experts: 700 });
    const alignment = alignCheckpoints(model, model);
    const eight = variants(8);
    const all = new Map(eight.map(({ label }) => [label, alignment]));
    const about = { name: 'large', variants: eight, options: StudyOptions.parse({}) };
    tensorDirectory(about, all);
    const started = performance.now();
    const text = JSON.stringify(tensorDirectory(about, all));
    const millis = performance.now() - started;
    const { tensors: found, layouts, fates } = TensorsDocument.parse(JSON.parse(text));
    expect([found.length, layouts.length, fates.length]).toEqual([50_400, 3, 1]);
    expect(text.length).toBeLessThan(10e6);
    // 5.2 MB in about 0.15 s; the bound leaves room for a loaded machine.
    expect(millis).toBeLessThan(1000);
  });
});
