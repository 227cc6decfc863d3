import { expect, test } from 'vitest';
import { spreadLabels } from '../../src-main/figures/directLabels.ts';
import { tickLabel } from '../../src-main/figures/figureAxes.ts';
import { lineFigure } from '../../src-main/figures/lineFigure.ts';
import { axisExtent } from '../../src-main/figures/lineLayout.ts';
import { THEME } from './tensorSubjects.ts';

test('axes end at round numbers, start at 0 where that costs little, and hold every value', () => {
  expect(axisExtent([3, 97], false)).toEqual({ min: 0, max: 100, interval: 50 });
  expect(axisExtent([96, 97], false)).toEqual({ min: 96, max: 97, interval: 0.5 });
  expect(axisExtent([-0.1, 0.3], false)).toEqual({ min: -0.1, max: 0.3, interval: 0.1 });
  expect(axisExtent([0.02, 3], true)).toEqual({ min: 0.01, max: 10, interval: null });
  expect(axisExtent([1, 1], true)).toEqual({ min: 1, max: 10, interval: null });
  expect(axisExtent([0, 0], false)).toEqual({ min: 0, max: 1, interval: 0.5 });
  expect(axisExtent([], false)).toEqual({ min: 0, max: 1, interval: 0.5 });
});

test('labels stay as near to their curves as they can without touching, in the order of the curves', () => {
  const placed = spreadLabels([50, 52, 10, 51], 12, { top: 0, bottom: 100 });
  expect(placed[2]).toBe(10);
  expect([placed[0], placed[3], placed[1]]).toEqual([39, 51, 63]);
  // Never outside, and equally spaced where there is no room for the gap.
  expect(spreadLabels([99, 99, 99], 12, { top: 0, bottom: 100 })).toEqual([76, 88, 100]);
  expect(spreadLabels(Array<number>(5).fill(50), 30, { top: 0, bottom: 100 })).toEqual([0, 25, 50, 75, 100]);
});

test('marks of axes take few letters', () => {
  expect([0.5, 0.001, 1e-6, 1].map((x) => tickLabel(x, 'share'))).toEqual([
    '50 %',
    '0.1 %',
    '1e-4 %',
    '100 %',
  ]);
  expect([10, 0.01, 1e-4].map((x) => tickLabel(x, 'degrees'))).toEqual(['10°', '0.01°', '1e-4°']);
  expect([100000, 0.30000000000000004].map((x) => tickLabel(x, 'weight'))).toEqual(['1e5', '0.3']);
});

test('every place is found again where its line is drawn, side by side and below each other', () => {
  const panel = {
    title: 'y',
    unit: 'weight',
    log: false,
    series: [{ label: 'a', style: null, values: [1, 2, 3, 4] }],
  };
  const figure = lineFigure({
    id: 'x',
    title: 'x',
    x: { title: 'i', symbol: 'i', first: 1 },
    panels: [panel, { ...panel, title: 'z' }],
    beside: true,
    caption: [],
    summary: [],
  });
  for (const width of [300, 1200]) {
    const frame = { width, theme: THEME };
    for (let step = 0; step < 4; step++) {
      const boxes = figure.cursor.boxes(frame, step);
      expect(boxes).toHaveLength(2);
      for (const { left, top } of boxes) expect(figure.cursor.at(frame, { x: left, y: top + 5 })).toBe(step);
    }
    expect(figure.cursor.at(frame, { x: 0, y: 0 })).toBeNull();
  }
  expect(figure.height({ width: 300, theme: THEME })).toBe(2 * figure.height({ width: 1200, theme: THEME }));
});
