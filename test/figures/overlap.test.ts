import { describe, expect, it } from 'vitest';
import {
  consensusBars,
  consensusLayout,
  consensusPanels,
  consensusSummary,
} from '../../src-main/figures/consensusBars.ts';
import {
  labelledCellAt,
  labelledLayout,
  labelledMap,
  labelledPosition,
  labelledScale,
} from '../../src-main/figures/labelledMap.ts';
import {
  asksBothWays,
  overlapByPlace,
  overlapMatrices,
  overlapSummary,
  partText,
} from '../../src-main/figures/overlap.ts';
import { variantStyles } from '../../src-main/figures/variantStyle.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { row } from './rows.ts';

const styles = variantStyles([
  { label: 'sft', role: 'sft' },
  { label: 'a', role: 'rl' },
  { label: 'b', role: 'rl' },
  { label: 'c', role: 'rl' },
]);
const theme = {
  ink: '#111',
  mutedInk: '#666',
  rule: '#ddd',
  paper: '#fff',
  fontFamily: 'sans',
  fontSize: 12,
};

function pair(variant: string, partner: string, replaced: Partial<Row> = {}): Row {
  return row({
    variant,
    measure: 'overlap.jaccard',
    unit: 'share',
    level: 'overall',
    tensor: null,
    layer: null,
    module: null,
    parameters: { with: partner },
    value: 0.6,
    baseline: 0.45,
    ...replaced,
  });
}

const both = [pair('a', 'b'), pair('a', 'c', { value: 0.4 }), pair('b', 'c', { value: null, reason: 'no' })];

describe('matrices of runs', () => {
  it('read a pair that is asked once both ways, and leave out runs without a partner', () => {
    const [matrix, ...others] = overlapMatrices({ rows: both, styles, part: 'value', ordered: false });
    expect(others).toEqual([]);
    expect(matrix).toMatchObject({ title: 'from base', columns: ['a', 'b', 'c'], lines: ['a', 'b', 'c'] });
    const text = (line: number, column: number): string | undefined =>
      matrix?.cells.find((cell) => cell.line === line && cell.column === column)?.text;
    expect([text(0, 1), text(1, 0), text(0, 2), text(1, 2), text(0, 0)]).toEqual([
      '60.0 %',
      '60.0 %',
      '40.0 %',
      'none',
      undefined,
    ]);
  });

  it('keep the direction of a one-sided measure: the line contains, the column is contained', () => {
    const rows = [pair('a', 'b', { value: 0.9 }), pair('b', 'a', { value: 0.3 })];
    expect(asksBothWays(rows)).toBe(true);
    expect(asksBothWays(both)).toBe(false);
    const [matrix] = overlapMatrices({ rows, styles, part: 'value', ordered: true });
    const contained = matrix?.cells.find(({ row: { variant } }) => variant === 'a');
    // Of what a changed, b changed 90 %: in the line of b and the column of a.
    expect(contained).toMatchObject({ line: 1, column: 0, text: '90.0 %', pair: { run: 'a', partner: 'b' } });
    expect(overlapSummary(matrix!, true)).toBe(
      'Runs from base: lowest 30.0 % (b in a), highest 90.0 % (a in b), over 2 pairs.',
    );
  });

  it('have one panel per reference', () => {
    const rows = [...both, pair('sft', 'c', { reference: 'other' })];
    const titles = overlapMatrices({ rows, styles, part: 'value', ordered: false }).map(({ title }) => title);
    expect(titles).toEqual(['from base', 'from other']);
  });

  it('draw the value, chance, or what is beyond it in points', () => {
    const text = (part: 'value' | 'chance' | 'difference'): string | undefined =>
      overlapMatrices({ rows: both, styles, part, ordered: false })[0]?.cells[0]?.text;
    expect([text('value'), text('chance'), text('difference')]).toEqual(['60.0 %', '45.0 %', '+15.0 pp']);
    expect(partText(-0.0213, 'share', 'difference')).toBe('−2.1 pp');
    expect(partText(-0.25, 'cosine', 'difference')).toBe('−0.250');
    const noChance = [pair('a', 'b', { baseline: null })];
    expect(
      overlapMatrices({ rows: noChance, styles, part: 'difference', ordered: false })[0]?.cells[0]?.value,
    ).toBeNull();
  });
});

describe('pairs by layer and module', () => {
  const rows = [
    pair('a', 'b', { level: 'layer', layer: 1, value: 0.7 }),
    pair('a', 'b', { level: 'layer', layer: 0, value: 0.5 }),
    pair('a', 'c', { level: 'layer', layer: 1 }),
    pair('a', 'b', { level: 'module', module: 'embed_tokens', value: null }),
    pair('a', 'b', { level: 'module', module: 'q_proj' }),
  ];

  it('have pairs as lines, places in the order of the model, and no place without a number', () => {
    const input = { rows, styles, part: 'value', ordered: false } as const;
    expect(overlapByPlace(input, 'layer', ['0', '1', '2'])).toMatchObject({
      columns: ['0', '1'],
      lines: ['a and b', 'a and c'],
    });
    expect(overlapByPlace(input, 'module', ['q_proj']).columns).toEqual(['q_proj']);
    expect(overlapByPlace({ ...input, styles: styles.slice(0, 3) }, 'layer', []).lines).toEqual(['a and b']);
  });
});

describe('the labelled map', () => {
  const panels = overlapMatrices({ rows: both, styles, part: 'difference', ordered: false });

  it('centres signed numbers on 0', () => {
    const scale = labelledScale(panels, true)!;
    expect(scale).toMatchObject({ map: 'diverging', min: -scale.max });
    expect(scale.max).toBeCloseTo(0.15, 12);
    expect(labelledPosition(scale, 0)).toBe(0.5);
    expect(labelledScale([], true)).toBeNull();
    const values = overlapMatrices({ rows: both, styles, part: 'value', ordered: false });
    expect(labelledScale(values, false)).toMatchObject({ map: 'sequential', min: 0.4, max: 0.6 });
  });

  it.each([320, 900, 2400])('keeps cells, names and panels apart on %d pixels', (width) => {
    const layout = labelledLayout([...panels, ...panels], { width, fontSize: 12 });
    const [first, second] = layout.boxes;
    const beside = first!.left + first!.width + layout.lineNames <= second!.left + 0.5;
    const below = first!.top + first!.height + layout.columnNames[1]!.height <= second!.top;
    expect(beside || below).toBe(true);
    expect(layout.width).toBeGreaterThanOrEqual(width);
    const inside = { x: second!.left + layout.cell.width * 1.5, y: second!.top + layout.cell.height * 2.5 };
    expect(labelledCellAt(layout, inside)).toEqual({ panel: 1, column: 1, line: 2 });
    expect(labelledCellAt(layout, { x: second!.left - 3, y: inside.y })).toBeNull();
  });

  it('draws every number once at its place, with its text where it fits', () => {
    const scale = labelledScale(panels, true);
    const option = labelledMap({
      panels,
      layout: labelledLayout(panels, { width: 900, fontSize: 12 }),
      scale,
      theme,
    });
    const [series] = option.series as { data: { value: number[]; label: { show: boolean } }[] }[];
    expect(series?.data).toHaveLength(4);
    const at = series?.data.find(({ value }) => value[0] === 1 && value[1] === 0);
    expect(at?.value[2]).toBe(1);
    expect(at?.label.show).toBe(true);
  });
});

describe('the consensus histogram', () => {
  const set = {
    role: 'rl' as const,
    reference: 'base',
    runs: ['a', 'b'],
    counts: [700, 100, 200],
    expected: [600, 300, 100],
    tensors: 3,
  };
  const about = () => ({ title: 'RL from base', colour: '#d55e00' });
  const shown = set.runs;
  const panels = consensusPanels([set, { ...set, counts: null, expected: null }], shown, about);

  it('has shares of all weights, and leaves out what is not computed', () => {
    expect(panels).toHaveLength(1);
    expect(panels[0]).toMatchObject({ found: [0.7, 0.1, 0.2], expected: [0.6, 0.3, 0.1] });
    expect(consensusSummary(panels[0]!)).toBe(
      'RL from base: of 1000 weights 70.0 % are changed by no run (independent runs: 60.0 %), 20.0 % by all 2 (10.0 %).',
    );
  });

  it('counts hidden runs and says so, and leaves out sets of which none is shown', () => {
    const [first, second] = set.runs as [string, string];
    const [part] = consensusPanels([set], [first], about);
    expect(part).toMatchObject({ hidden: [second], found: [0.7, 0.1, 0.2] });
    expect(consensusSummary(part!)).toContain(`${second} is hidden on this page and counted here`);
    expect(consensusPanels([set], ['other'], about)).toEqual([]);
  });

  it('draws found and expected side by side, and leaves zeros out of a logarithmic axis only', () => {
    const empty = consensusPanels([{ ...set, counts: [1000, 0, 0] }], shown, about);
    const data = (log: boolean): unknown =>
      (consensusBars({ panels: empty, width: 600, log, theme }).series as { data: unknown }[]).map(
        (series) => series.data,
      );
    expect(data(false)).toEqual([
      [1, 0, 0],
      [0.6, 0.3, 0.1],
    ]);
    expect(data(true)).toEqual([
      [1, '-', '-'],
      [0.6, 0.3, 0.1],
    ]);
  });

  it('stacks panels where there is no room beside each other', () => {
    expect(consensusLayout(3, 320).boxes.map(({ left }) => left)).toEqual([48, 48, 48]);
    expect(consensusLayout(3, 1400).height).toBeLessThan(consensusLayout(3, 320).height);
  });
});
