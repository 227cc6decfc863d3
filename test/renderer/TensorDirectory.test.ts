import { describe, expect, it } from 'vitest';
import type { TensorsDocument } from '../../src-main/contract/tensors.ts';
import { TensorDirectory } from '../../src-renderer/state/TensorDirectory.ts';
import { listItems, namePieces } from '../../src-renderer/views/tensor/listItems.ts';

const MODULES = ['self_attn.q_proj', 'mlp.up_proj', 'input_layernorm'] as const;

/** Layers of an embedding, one attention matrix, one feed-forward matrix and a norm. */
function document(layers: number): TensorsDocument {
  const layout = (module: string, k: number | null) => ({
    module,
    kind: 'matrix' as const,
    shape: [8, 8],
    matrix: { rows: 8, cols: 8 },
    dtype: 'BF16',
    k,
    notSpectral: k === null ? 'not a matrix' : null,
    heads: null,
  });
  const place = { layer: null, expert: null, layout: 0, fate: 0 };
  return {
    schema: 'polarimeter.tensors/1',
    study: 's',
    variants: ['a'],
    layouts: [
      layout('embed_tokens', null),
      layout('q_proj', 4),
      layout('up_proj', 4),
      layout('input_layernorm', null),
    ],
    fates: [
      { compared: [0], notCompared: [] },
      { compared: [], notCompared: [{ variant: 0, reason: 'shape-differs', detail: null }] },
    ],
    tensors: [
      { ...place, name: 'model.embed_tokens.weight' },
      ...Array.from({ length: layers }, (_, layer) =>
        MODULES.map((module, i) => ({
          ...place,
          name: `model.layers.${String(layer)}.${module}.weight`,
          layer,
          layout: i + 1,
          fate: layer === 0 && i === 0 ? 1 : 0,
        })),
      ).flat(),
      { ...place, name: 'lm_head.weight' },
    ],
  };
}

const directory = new TensorDirectory(document(12));
const find = (name: string) => directory.find(name)!;
const names = (typed: string): string[] => directory.search(typed).map(({ name }) => name);

describe('the directory of tensors on the page', () => {
  it('begins with a matrix that is compared', () => {
    expect(directory.first!.name).toBe('model.layers.0.mlp.up_proj.weight');
    expect(directory.find('nothing')).toBeNull();
  });

  it('goes from layer to layer in a module, and from tensor to tensor in a layer', () => {
    const up = find('model.layers.3.mlp.up_proj.weight');
    expect(directory.inLayer(up, 1)!.name).toBe('model.layers.4.mlp.up_proj.weight');
    expect(directory.inLayer(up, -1)!.name).toBe('model.layers.2.mlp.up_proj.weight');
    expect(directory.inModule(up, 1)!.name).toBe('model.layers.3.input_layernorm.weight');
    expect(directory.inModule(find('model.layers.3.input_layernorm.weight'), 1)).toBeNull();
    expect(directory.inLayer(find('model.layers.11.mlp.up_proj.weight'), 1)).toBeNull();
    expect(directory.inLayer(find('model.embed_tokens.weight'), 1)).toBeNull();
  });

  it('finds parts of names in any order, the best first', () => {
    expect(names('up 3')).toEqual(['model.layers.3.mlp.up_proj.weight']);
    expect(names('11.self_attn')).toEqual(['model.layers.11.self_attn.q_proj.weight']);
    expect(names('zebra')).toEqual([]);
    expect(names('q_proj')).toHaveLength(12);
  });

  it('marks what was typed', () => {
    const pieces = directory.pieces(find('model.layers.3.mlp.up_proj.weight'), 'up_proj');
    expect(pieces.join('')).toBe('model.layers.3.mlp.up_proj.weight');
    expect(pieces[1]).toMatch(/^up/);
    expect(directory.pieces(find('lm_head.weight'), '')).toEqual(['lm_head.weight']);
    expect(namePieces(['model.layers.3.', 'up', '_proj'], 6)).toEqual([
      { text: 'layers.3.', isMatch: false },
      { text: 'up', isMatch: true },
      { text: '_proj', isMatch: false },
    ]);
    expect(namePieces(['model.layers.3.mlp'], 15)).toEqual([{ text: 'mlp', isMatch: false }]);
  });

  it('is listed under its layers, and flat when searched', () => {
    const grouped = listItems(directory.entries, true);
    expect(grouped.slice(0, 4).map(({ heading, entry }) => [heading, entry?.name ?? null])).toEqual([
      ['outside the layers', null],
      ['outside the layers', 'model.embed_tokens.weight'],
      ['layer 0', null],
      ['layer 0', 'model.layers.0.self_attn.q_proj.weight'],
    ]);
    expect(grouped).toHaveLength(38 + 14);
    expect(new Set(grouped.map(({ key }) => key)).size).toBe(grouped.length);
    expect(grouped[3]!.entry!.name.slice(grouped[3]!.prefix)).toBe('self_attn.q_proj.weight');
    expect(listItems(directory.search('q_proj'), false)).toHaveLength(12);
  });

  it('finds among 50 000 names while one types', () => {
    const large = new TensorDirectory(document(16_667));
    const started = performance.now();
    const found = large.search('9999 up');
    const millis = performance.now() - started;
    expect(found.map(({ name }) => name)).toContain('model.layers.9999.mlp.up_proj.weight');
    // 15 ms; the bound leaves room for a loaded machine.
    expect(millis).toBeLessThan(300);
  });
});
