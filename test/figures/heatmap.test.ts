import * as echarts from 'echarts';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../src-main/contract/rows.ts';
import { heatmap } from '../../src-main/figures/heatmap.ts';
import { aboveBaselineGrid, differenceGrid } from '../../src-main/figures/heatmapDifference.ts';
import { cellBox, heatmapLayout, pointAt } from '../../src-main/figures/heatmapLayout.ts';
import {
  cellAtPlace,
  heatmapGrid,
  mapPartners,
  pairedLabels,
  rowsWith,
  type HeatmapGrid,
} from '../../src-main/figures/heatmapPanels.ts';
import {
  heatmapScale,
  marginScale,
  scalePosition,
  suggestsLog,
} from '../../src-main/figures/heatmapScale.ts';
import { heatmapSummary } from '../../src-main/figures/heatmapSummary.ts';
import { formatQuantity } from '../../src-main/figures/heatmapWords.ts';
import { variantStyles } from '../../src-main/figures/variantStyle.ts';
import { mapTable, type PlantedPlace } from './mapTable.ts';
import { row } from './rows.ts';

const COLUMNS = [
  { variant: 'sft', role: 'sft' },
  { variant: 'rl', role: 'rl' },
] as const;
const styles = variantStyles(COLUMNS.map(({ variant, role }) => ({ label: variant, role })));
const THEME = {
  ink: '#111',
  mutedInk: '#555',
  rule: '#ccc',
  paper: '#fff',
  fontFamily: 'sans-serif',
  fontSize: 12,
};
const percent = (value: number): string => formatQuantity(value, 'share', 'value');
const LINEAR = { log: false, isCentred: false };

function gridOf(
  places: readonly PlantedPlace[],
  about: Partial<Parameters<typeof heatmapGrid>[0]> = {},
): HeatmapGrid {
  const table = mapTable(COLUMNS, places);
  return heatmapGrid({ table, arity: 'variant', partner: null, styles, layers: [0, 1], modules: ['q_proj', 'k_proj', 'unused'], ...about }); // prettier-ignore
}

const grid = gridOf([
  { layer: 0, module: 'q_proj', values: { sft: { value: 0.2, baseline: 0.05 }, rl: 0.01 } },
  { layer: 1, module: 'q_proj', values: { sft: 0.4, rl: 'NaN' } },
  { layer: 0, module: 'k_proj', values: { sft: 0.6, rl: 0.03 } },
  { layer: 1, module: 'k_proj', values: { sft: null } },
  { layer: null, module: 'embed_tokens', values: { sft: 0.1 } },
  {
    level: 'layer',
    layer: 0,
    module: null,
    tensors: 2,
    values: { sft: { value: 0.5, baseline: 0.7 }, rl: 0.02 },
  },
  { level: 'module', layer: null, module: 'k_proj', tensors: 2, values: { sft: 0.6, rl: 0.03 } },
]);

describe('heatmapGrid', () => {
  it('orders panels, columns and lines, and drops what nothing uses', () => {
    expect(grid.columns).toEqual(['0', '1', 'outside']);
    expect(grid.lines).toEqual(['q_proj', 'k_proj', 'embed_tokens']);
    expect(grid.panels.map(({ title, cells }) => [title, cells.length])).toEqual([
      ['sft', 5],
      ['rl', 3],
    ]);
    expect(cellAtPlace(grid, { panel: 0, column: 0, line: 1 })!.value).toBe(0.6);
    expect(cellAtPlace(grid, { panel: 1, column: 2, line: 2 })).toBeUndefined();
  });

  it('puts whole layers and whole modules on the margins, not among the cells', () => {
    const [sft] = grid.panels;
    expect([sft!.layers[0]!.value, sft!.layers[0]!.baseline, sft!.layers[1]]).toEqual([0.5, 0.7, undefined]);
    expect([sft!.modules[0], sft!.modules[1]!.value, sft!.modules[1]!.tensors]).toEqual([undefined, 0.6, 2]);
  });

  it('lays out the tensors of one module by expert', () => {
    const module = 'experts.up_proj';
    const places = [0, 1].flatMap((layer) =>
      [0, 1, 2].map((expert) => ({ layer, module, expert, values: { sft: layer + expert / 10 } })),
    );
    const experts = gridOf([], { table: mapTable(COLUMNS.slice(0, 1), places, module) });
    expect([experts.lineName, experts.lines, experts.columns]).toEqual([
      'expert',
      ['0', '1', '2'],
      ['0', '1'],
    ]);
    expect(cellAtPlace(experts, { panel: 0, column: 1, line: 2 })!.value).toBe(1.2);
  });
});

describe('pairs', () => {
  const pair = row({ variant: 'sft', parameters: { with: 'rl' }, value: 0.5 });
  const table = mapTable([{ variant: 'sft', role: 'sft', with: 'rl' }], [{ layer: 0, module: 'q_proj', values: { 'sft rl': 0.5 } }]); // prettier-ignore

  it('read the same from both sides', () => {
    expect(pairedLabels([pair], styles)).toEqual(['sft', 'rl']);
    expect(rowsWith('rl', [pair], styles)).toEqual([pair]);
    expect(rowsWith('sft', [pair], styles)).toEqual([
      { ...pair, variant: 'rl', role: 'rl', parameters: { with: 'sft' } },
    ]);
    expect(mapPartners(table, styles)).toEqual(['sft', 'rl']);
    for (const [partner, title] of [
      ['rl', 'sft with rl'],
      ['sft', 'rl with sft'],
    ] as const) {
      const { panels } = gridOf([], { table, arity: 'pair-of-variants', partner });
      expect(panels.map((panel) => [panel.title, panel.cells[0]!.value])).toEqual([[title, 0.5]]);
    }
  });

  it('a set of runs is one panel under all their names', () => {
    const { panels } = gridOf([], { table, arity: 'set-of-variants' });
    expect(panels.map(({ title, style }) => [title, style.label])).toEqual([['sft, rl', 'sft']]);
  });
});

describe('differenceGrid', () => {
  const minusSft = { subtrahend: { kind: 'variant', label: 'sft' }, isRatio: false } as const;
  const valuesOf = ({ panels }: HeatmapGrid): Row['value'][] => panels[0]!.cells.map(({ value }) => value);

  it('is every other variant minus the chosen one, cell by cell and margin by margin', () => {
    const difference = differenceGrid(grid, grid.panels, minusSft);
    expect(difference.panels.map(({ title }) => title)).toEqual(['rl']);
    expect(valuesOf(difference)).toEqual([0.01 - 0.2, null, 0.03 - 0.6]);
    const [first, second] = difference.panels[0]!.cells;
    expect(first!.sides).toEqual({ minuend: 0.01, subtrahend: 0.2 });
    expect(second!.note.reason).toBe('one side has no number here');
    expect(difference.panels[0]!.layers[0]!.value).toBe(0.02 - 0.5);
    expect(difference.panels[0]!.modules[1]!.value).toBe(0.03 - 0.6);
  });

  it('as a ratio it is log2, and has no value where a side is not positive', () => {
    const zero = gridOf([
      { layer: 0, module: 'q_proj', values: { sft: 0.2, rl: 0.8 } },
      { layer: 1, module: 'q_proj', values: { sft: 0, rl: 0.8 } },
    ]);
    const ratio = differenceGrid(zero, zero.panels, { ...minusSft, isRatio: true });
    expect(valuesOf(ratio)).toEqual([2, null]);
    expect(ratio.panels[0]!.cells[1]!.note.reason).toBe('a ratio needs two positive numbers');
    expect(formatQuantity(2, 'share', 'ratio')).toBe('×4');
  });

  it('the mean of a role counts every variant of it that has a number', () => {
    const three = [...COLUMNS, { variant: 'sft2', role: 'sft' }] as const;
    const table = mapTable(three, [
      { layer: 0, module: 'q_proj', values: { sft: 0.2, sft2: 0.6, rl: 0.9 } },
      { layer: 1, module: 'q_proj', values: { sft: 0.2, sft2: 'NaN', rl: 0.9 } },
    ]);
    const all = gridOf([], {
      table,
      styles: variantStyles(three.map(({ variant, role }) => ({ label: variant, role }))),
    });
    const difference = differenceGrid(all, all.panels, {
      subtrahend: { kind: 'role', role: 'sft' },
      isRatio: false,
    });
    const rl = difference.panels.find(({ title }) => title === 'rl')!;
    expect(rl.cells.map(({ value }) => value)).toEqual([0.9 - 0.4, 0.9 - 0.2]);
    expect(difference.panels).toHaveLength(3);
  });

  it('above chance is value minus baseline, with a reason where there is none', () => {
    const above = aboveBaselineGrid(grid).panels[0]!;
    expect(above.cells.slice(0, 2).map(({ value, note }) => [value, note.reason])).toEqual([
      [0.2 - 0.05, null],
      [null, 'there is no baseline here'],
    ]);
    expect(above.layers[0]!.value).toBe(0.5 - 0.7);
  });

  it('says a share minus a share in percentage points, with its sign', () => {
    expect([0.125, -0.125, 0].map((value) => formatQuantity(value, 'share', 'difference'))).toEqual(['+12.5 pp', '-12.5 pp', '0 pp']); // prettier-ignore
    expect(formatQuantity(1.5, 'degrees', 'above-baseline')).toBe('+1.50°');
  });
});

describe('heatmapScale', () => {
  const of = (...values: Row['value'][]): HeatmapGrid =>
    gridOf(
      values.map((value, layer) => ({ layer, module: 'q_proj', values: { sft: value } })),
      { layers: values.map((_, layer) => layer) },
    );

  it('spans all panels and states its ends', () => {
    const scale = heatmapScale(grid, LINEAR)!;
    expect([scale.map, scale.log, scale.min, scale.max]).toEqual(['sequential', false, 0.01, 0.6]);
    expect([scale.ticks[0]!.value, scale.ticks.at(-1)!.value]).toEqual([0.01, 0.6]);
  });

  it('is centred on zero for signed values', () => {
    expect(heatmapScale(of(-0.2, 0.7, 'Infinity'), { log: true, isCentred: false })).toMatchObject({
      map: 'diverging',
      log: false,
      min: -0.7,
      max: 0.7,
    });
  });

  it('is centred on zero for differences, also of one sign, and holds the baselines of the margins', () => {
    expect(heatmapScale(of(1, 3), { log: false, isCentred: true })).toMatchObject({
      map: 'diverging',
      min: -3,
      max: 3,
    });
    expect(marginScale(grid, LINEAR)).toMatchObject({ map: 'sequential', min: 0, max: 0.7 });
  });

  it('suggests a logarithm for a wide range of one sign only', () => {
    const suggested = [of(1, 1e3), of(0, 1, 1e3), of(1, 2), of(0, 1e3), of(0, 0, 0, 1, 1e3), of(-1, 1e3), of(null, 'NaN')]; // prettier-ignore
    expect(suggested.map(suggestsLog)).toEqual([true, true, false, false, false, false, false]);
  });

  it('puts equal ratios at equal distances when logarithmic, and zero at the low end', () => {
    const scale = heatmapScale(of(0, 1e-4, 1), { log: true, isCentred: false })!;
    expect([scale.min, scale.max]).toEqual([1e-4, 1]);
    expect([0, 1e-4, 1e-2, 1].map((value) => scalePosition(scale, value))).toEqual([0, 0, 0.5, 1]);
    expect(scale.ticks.map(({ value }) => value)).toEqual(
      [1e-4, 1e-3, 1e-2, 1e-1, 1].map((value) => expect.closeTo(value, 12) as number),
    );
  });

  it('has no range where all values are the same, and is absent where there is none', () => {
    expect(heatmapScale(of(3, 3), LINEAR)!.ticks).toEqual([{ value: 3, position: 0.5 }]);
    expect(heatmapScale(of(null, 'NaN'), LINEAR)).toBeNull();
  });
});

describe('heatmapLayout', () => {
  const OPTIONS = { fontSize: 12, hasMargins: true };
  const many = (panels: number, layers: number, modules: number): HeatmapGrid => ({
    columns: Array.from({ length: layers }, (_, layer) => String(layer)),
    lines: Array.from({ length: modules }, (_, i) => `module_${String(i)}`),
    lineName: '',
    panels: Array.from({ length: panels }, () => grid.panels[0]!),
  });

  it.each([320, 390, 900, 2400])('finds each cell where it is drawn, at width %i', (width) => {
    const layout = heatmapLayout(grid, { ...OPTIONS, width });
    for (const [panel] of grid.panels.entries()) {
      for (const place of [
        { column: 0, line: 0 },
        { column: 2, line: 2 },
      ]) {
        const box = cellBox(layout, panel, place)!;
        expect(pointAt(layout, { x: box.left + box.width / 2, y: box.top + box.height / 2 })).toEqual({
          panel,
          ...place,
        });
        expect(box.left + box.width + layout.margin).toBeLessThanOrEqual(layout.width);
        expect(box.top + box.height).toBeLessThanOrEqual(layout.height);
      }
    }
    expect(layout.width).toBe(width);
    expect(pointAt(layout, { x: 1, y: 1 })).toBeNull();
  });

  it('knows the number of a layer below its column and the name of a line beside it', () => {
    const layout = heatmapLayout(grid, { ...OPTIONS, width: 900 });
    const box = layout.panels[0]!;
    const [x, y] = [box.left + 1.5 * layout.cell.width, box.top + 1.5 * layout.cell.height];
    expect(pointAt(layout, { x, y: box.top + box.height + 8 })).toEqual({ panel: 0, column: 1, line: null });
    expect(pointAt(layout, { x: box.left - 10, y })).toEqual({ panel: 0, column: null, line: 1 });
  });

  it('nothing overlaps, whatever the shape of the model and the number of variants', () => {
    for (const [panels, layers, modules] of [
      [11, 7, 11],
      [2, 80, 12],
      [8, 48, 128],
      [1, 1, 1],
    ] as const) {
      for (const width of [390, 1030, 1500, 2300]) {
        const layout = heatmapLayout(many(panels, layers, modules), { ...OPTIONS, width, height: 500 });
        for (const [i, a] of layout.panels.entries())
          for (const b of layout.panels.slice(i + 1)) {
            const isBeside =
              a.left + a.width + layout.margin < b.left || b.left + b.width + layout.margin < a.left;
            const isBelow =
              a.top + a.height < b.top - layout.margin || b.top + b.height < a.top - layout.margin;
            expect(isBeside || isBelow, String([panels, layers, modules, width])).toBe(true);
          }
      }
    }
  });

  it('shows eleven variants in two rows on a laptop, and in taller rows with wider cells where there is room', () => {
    const rowsAt = (width: number, height: number): number =>
      new Set(heatmapLayout(many(11, 7, 11), { ...OPTIONS, width, height }).panels.map(({ top }) => top))
        .size;
    expect([rowsAt(1030, 470), rowsAt(1700, 1110)]).toEqual([2, 3]);
  });

  it('keeps the cells of very deep models visible by growing wider than asked', () => {
    const layout = heatmapLayout(many(1, 200, 1), { ...OPTIONS, width: 600 });
    expect([layout.cell.width, layout.width > 600, layout.labelEvery > 1]).toEqual([5, true, true]);
    expect(heatmapLayout(many(1, 48, 128), { ...OPTIONS, width: 600 })).toMatchObject({
      cell: { height: 4 },
      lineEvery: 4,
    });
  });
});

describe('heatmap', () => {
  const layout = heatmapLayout(grid, { width: 900, fontSize: 12, hasMargins: true });
  const about = { layout, format: percent, theme: THEME };
  const option = heatmap({
    ...about,
    grid,
    scale: heatmapScale(grid, LINEAR),
    margins: marginScale(grid, LINEAR),
  });
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
    const same = gridOf([
      { layer: 0, module: 'q_proj', values: { sft: 0.5, rl: 0.5 } },
      { layer: 1, module: 'q_proj', values: { sft: 0.1 } },
    ]);
    const drawn = heatmap({ ...about, grid: same, scale: heatmapScale(same, LINEAR), margins: null });
    const series = drawn.series as { type: string; data: number[][] }[];
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

  it('draws bars on the margins in the colour of the variant, as long as their values, and a tick per baseline', () => {
    const { elements } = option.graphic as { elements: { type: string; shape: Record<string, number>; style: { fill?: unknown } }[] }; // prettier-ignore
    const bars = elements.filter(({ style }) => style.fill === styles[0]!.colour);
    const rects = bars.filter(({ type }) => type === 'rect').map(({ shape }) => shape);
    const { margin } = layout;
    // Of layer 0 upwards, 0.5 of 0.7; of k_proj to the right, 0.6 of 0.7.
    expect(rects.map(({ height }) => height)[0]).toBeCloseTo((margin * 0.5) / 0.7, 10);
    expect(rects.map(({ width }) => width)[1]).toBeCloseTo((margin * 0.6) / 0.7, 10);
    const ticks = elements.filter(({ type, style }) => type === 'rect' && style.fill === THEME.ink);
    expect(ticks.map(({ shape }) => shape['top'] ?? shape['y'])).toEqual([
      layout.panels[0]!.top - 4 - margin,
    ]);
  });
});

describe('heatmapSummary', () => {
  it('names extremes with their places, and counts what has no number', () => {
    expect(heatmapSummary(grid, percent)).toEqual([
      'sft: lowest 10.0 % (embed_tokens), median 20.0 %, highest 60.0 % (layer 0 k_proj); 1 without a number.',
      'rl: lowest 1.0 % (layer 0 q_proj), median 1.0 %, highest 3.0 % (layer 0 k_proj); 1 without a number.',
    ]);
  });
});
