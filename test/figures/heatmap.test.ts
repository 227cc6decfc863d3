import * as echarts from 'echarts';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../src-main/contract/rows.ts';
import { heatmap } from '../../src-main/figures/heatmap.ts';
import { cellAt, cellBox, heatmapLayout } from '../../src-main/figures/heatmapLayout.ts';
import {
  heatmapGrid,
  pairedLabels,
  rowsWith,
  type HeatmapGrid,
} from '../../src-main/figures/heatmapPanels.ts';
import { heatmapScale, scalePosition, suggestsLog } from '../../src-main/figures/heatmapScale.ts';
import { heatmapSummary } from '../../src-main/figures/heatmapSummary.ts';
import { variantStyles } from '../../src-main/figures/variantStyle.ts';
import { row } from './rows.ts';

const styles = variantStyles([
  { label: 'sft', role: 'sft' },
  { label: 'rl', role: 'rl' },
]);
const THEME = {
  ink: '#111',
  mutedInk: '#555',
  rule: '#ccc',
  paper: '#fff',
  fontFamily: 'sans-serif',
  fontSize: 12,
};

function cell(
  variant: string,
  layer: number | null,
  module: string,
  value: Row['value'],
  more: Partial<Row> = {},
): Row {
  const tensor = layer === null ? `model.${module}.weight` : `model.layers.${String(layer)}.${module}.weight`;
  return row({ variant, layer, module, tensor, value, ...more });
}

const rows = [
  cell('sft', 0, 'q_proj', 0.2),
  cell('sft', 1, 'q_proj', 0.4),
  cell('sft', 0, 'k_proj', 0.6),
  cell('sft', 1, 'k_proj', null, { reason: 'the shapes differ' }),
  cell('sft', null, 'embed_tokens', 0.1),
  cell('rl', 0, 'q_proj', 0.01),
  cell('rl', 1, 'q_proj', 'NaN'),
  cell('rl', 0, 'k_proj', 0.03),
];
const grid = heatmapGrid({ rows, styles, layers: [0, 1], modules: ['q_proj', 'k_proj', 'unused'] });

describe('heatmapGrid', () => {
  it('orders panels, columns and modules, and drops what no row uses', () => {
    expect(grid.columns).toEqual(['0', '1', 'outside']);
    expect(grid.modules).toEqual(['q_proj', 'k_proj', 'embed_tokens']);
    expect(grid.panels.map(({ style, cells }) => [style.label, cells.length])).toEqual([
      ['sft', 5],
      ['rl', 3],
    ]);
  });

  it('lets the weight speak for its module and keeps the bias as another', () => {
    const bias = row({ tensor: 'model.layers.0.self_attn.q_proj.bias', value: 9 });
    const both = heatmapGrid({ rows: [bias, row({ value: 1 })], styles, layers: [0], modules: ['q_proj'] });
    const drawn = both.panels[0]!.cells[0]!;
    expect([drawn.row.value, drawn.others.map(({ value }) => value)]).toEqual([1, [9]]);
  });

  it('ignores rows of other levels', () => {
    const overall = row({ level: 'overall', layer: null, module: null, tensor: null });
    expect(heatmapGrid({ rows: [overall], styles, layers: [0], modules: ['q_proj'] }).panels).toEqual([]);
  });
});

describe('pairs', () => {
  const pair = row({ variant: 'sft', parameters: { with: 'rl' }, value: 0.5 });

  it('read the same from both sides', () => {
    expect(pairedLabels([pair], styles)).toEqual(['sft', 'rl']);
    expect(rowsWith('rl', [pair], styles)).toEqual([pair]);
    expect(rowsWith('sft', [pair], styles)).toEqual([
      { ...pair, variant: 'rl', role: 'rl', parameters: { with: 'sft' } },
    ]);
  });
});

describe('heatmapScale', () => {
  const of = (...values: Row['value'][]): HeatmapGrid =>
    heatmapGrid({
      rows: values.map((value, layer) => cell('sft', layer, 'q_proj', value)),
      styles,
      layers: values.map((_, layer) => layer),
      modules: ['q_proj'],
    });

  it('spans all panels and states its ends', () => {
    const scale = heatmapScale(grid, false)!;
    expect([scale.map, scale.log, scale.min, scale.max]).toEqual(['sequential', false, 0.01, 0.6]);
    expect([scale.ticks[0]!.value, scale.ticks.at(-1)!.value]).toEqual([0.01, 0.6]);
  });

  it('is centred on zero for signed values', () => {
    expect(heatmapScale(of(-0.2, 0.7, 'Infinity'), true)).toMatchObject({
      map: 'diverging',
      log: false,
      min: -0.7,
      max: 0.7,
    });
  });

  it('suggests a logarithm for a wide range of one sign only', () => {
    expect([of(1, 1e3), of(1, 2), of(0, 1e3), of(-1, 1e3), of(null, 'NaN')].map(suggestsLog)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('puts equal ratios at equal distances when logarithmic, and zero at the low end', () => {
    const scale = heatmapScale(of(0, 1e-4, 1), true)!;
    expect([scale.min, scale.max]).toEqual([1e-4, 1]);
    expect([0, 1e-4, 1e-2, 1].map((value) => scalePosition(scale, value))).toEqual([0, 0, 0.5, 1]);
    expect(scale.ticks.map(({ value }) => value)).toEqual(
      [1e-4, 1e-3, 1e-2, 1e-1, 1].map((value) => expect.closeTo(value, 12) as number),
    );
  });

  it('has no range where all values are the same, and is absent where there is none', () => {
    expect(heatmapScale(of(3, 3), false)!.ticks).toEqual([{ value: 3, position: 0.5 }]);
    expect(heatmapScale(of(null, 'NaN'), false)).toBeNull();
  });
});

describe('heatmapLayout', () => {
  it.each([320, 390, 900, 2400])('finds each cell where it is drawn, at width %i', (width) => {
    const layout = heatmapLayout(grid, { width, fontSize: 12 });
    for (const [panel] of grid.panels.entries()) {
      for (const place of [
        { column: 0, line: 0 },
        { column: 2, line: 2 },
      ]) {
        const box = cellBox(layout, panel, place)!;
        expect(cellAt(layout, { x: box.left + box.width / 2, y: box.top + box.height / 2 })).toEqual({
          panel,
          ...place,
        });
        expect(box.left + box.width).toBeLessThanOrEqual(layout.width);
        expect(box.top + box.height).toBeLessThanOrEqual(layout.height);
      }
    }
    expect(layout.width).toBe(width);
    expect(cellAt(layout, { x: 1, y: 1 })).toBeNull();
  });

  it('puts panels beside each other where there is room and below each other where there is not', () => {
    const tops = (width: number): number =>
      new Set(heatmapLayout(grid, { width, fontSize: 12 }).panels.map(({ top }) => top)).size;
    expect([tops(900), tops(200)]).toEqual([1, 2]);
  });

  it('keeps the cells of very deep models visible by growing wider than asked', () => {
    const deep = heatmapGrid({
      rows: Array.from({ length: 200 }, (_, layer) => cell('sft', layer, 'q_proj', layer)),
      styles,
      layers: Array.from({ length: 200 }, (_, layer) => layer),
      modules: ['q_proj'],
    });
    const layout = heatmapLayout(deep, { width: 600, fontSize: 12 });
    expect([layout.cell.width, layout.width > 600, layout.labelEvery > 1]).toEqual([5, true, true]);
  });
});

describe('heatmap', () => {
  const layout = heatmapLayout(grid, { width: 900, fontSize: 12 });
  const option = heatmap({ grid, layout, scale: heatmapScale(grid, false), unit: 'share', theme: THEME });
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: layout.width,
    height: layout.height,
  });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();

  it('draws without a document: titles, modules, layers, and a colour bar with its ends', () => {
    for (const text of ['sft', 'rl', 'q_proj', 'k_proj', 'embed_tokens', 'layer', '1.0 %', '60.0 %']) {
      expect(svg).toContain(`>${text}</text>`);
    }
  });

  it('gives equal values equal colours in every panel', () => {
    const same = heatmapGrid({
      rows: [cell('sft', 0, 'q_proj', 0.5), cell('sft', 1, 'q_proj', 0.1), cell('rl', 0, 'q_proj', 0.5)],
      styles,
      layers: [0, 1],
      modules: ['q_proj'],
    });
    const series = heatmap({
      grid: same,
      layout,
      scale: heatmapScale(same, false),
      unit: 'share',
      theme: THEME,
    }).series as {
      type: string;
      data: number[][];
    }[];
    const positions = series.filter(({ type }) => type === 'heatmap').map(({ data }) => data[0]![2]);
    expect(positions).toEqual([1, 1]);
  });

  it('draws what has no number as a hatch or as its word, never as a colour', () => {
    expect(svg).toContain('>NaN</text>');
    const series = option.series as { type: string; data: unknown[] }[];
    expect(series.map(({ type, data }) => [type, data.length])).toEqual([
      ['heatmap', 4],
      ['custom', 1],
      ['heatmap', 2],
      ['custom', 1],
    ]);
  });
});

describe('heatmapSummary', () => {
  it('names extremes with their places, and counts what has no number', () => {
    expect(heatmapSummary(grid, { unit: 'share' })).toEqual([
      'sft: lowest 10.0 % (embed_tokens), median 20.0 %, highest 60.0 % (layer 0 k_proj); 1 without a number.',
      'rl: lowest 1.0 % (layer 0 q_proj), median 1.0 %, highest 3.0 % (layer 0 k_proj); 1 without a number.',
    ]);
  });
});
