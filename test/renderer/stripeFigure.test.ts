import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisTicks, scaleEnd } from '../../src-renderer/stripes/axisTicks.ts';
import { figureLayout } from '../../src-renderer/stripes/figureLayout.ts';
import { ProfilePyramid } from '../../src-renderer/stripes/ProfilePyramid.ts';
import { stripeProfiles } from '../../src-renderer/stripes/stripeProfiles.ts';
import { headWords, stripeTensor } from '../../src-renderer/stripes/stripeTensor.ts';
import { stepsText, weightText } from '../../src-renderer/stripes/weightWords.ts';
import type { TensorLayout } from '../../src-main/contract/tensors.ts';
import type { Curve } from '../../src-main/contract/rows.ts';

describe('ProfilePyramid', () => {
  it('has mean and largest share of the rows of each pixel, the last one shorter', () => {
    const pyramid = new ProfilePyramid([2, 4, 0, 10, 5], 10);
    expect(pyramid.peak).toBe(1);
    expect([...pyramid.at(0).mean]).toEqual([0.2, 0.4, 0, 1, 0.5]);
    expect([...pyramid.at(1).mean]).toEqual([expect.closeTo(0.3, 12), 0.5, 0.5]);
    expect([...pyramid.at(1).largest]).toEqual([0.4, 1, 0.5]);
    expect([...pyramid.at(4).mean]).toEqual([expect.closeTo(0.42, 12)]);
  });
});

describe('axisTicks', () => {
  it('are round, far enough apart, and within the axis', () => {
    fc.assert(
      fc.property(
        fc.nat(20_000),
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 3000 }),
        (from, more, apart) => {
          const ticks = axisTicks(from, from + more, apart);
          for (const [i, tick] of ticks.entries()) {
            expect(tick >= from && tick <= from + more).toBe(true);
            if (i > 0) expect(tick - ticks[i - 1]!).toBeGreaterThanOrEqual(apart);
          }
          if (more >= 10 * apart) expect(ticks.length).toBeGreaterThan(0);
        },
      ),
    );
    expect(axisTicks(0, 18_943, 2000)).toEqual([
      0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000, 16_000, 18_000,
    ]);
    expect(axisTicks(0.4, 4.9, 0.3)).toEqual([1, 2, 3, 4]);
  });

  it('a scale of its own ends at a round share that holds the largest', () => {
    expect([0.58, 0.2, 0.031, 0.97, 1, 0].map(scaleEnd)).toEqual([0.6, 0.2, 0.04, 1, 1, 1]);
  });
});

describe('figureLayout', () => {
  it('puts everything on whole device pixels, profiles as long as the picture', () => {
    for (const ratio of [1, 1.25, 1.5, 2, 3]) {
      const space = { width: 811, windowHeight: 900, ratio };
      const { picture, rowProfile, columnProfile, width } = figureLayout(space, { rows: 700, columns: 901 });
      const numbers = [picture, rowProfile, columnProfile].flatMap((box) => Object.values(box) as number[]);
      expect(numbers.every(Number.isInteger)).toBe(true);
      expect([rowProfile.y, rowProfile.height]).toEqual([picture.y, picture.height]);
      expect([columnProfile.x, columnProfile.width]).toEqual([picture.x, picture.width]);
      expect(rowProfile.x + rowProfile.width).toBeLessThanOrEqual(width);
    }
  });

  it('is no higher than the window has room for, and never flat', () => {
    const space = { width: 811, windowHeight: 900, ratio: 1 };
    expect(figureLayout(space, { rows: 18_944, columns: 3584 }).height).toBeLessThanOrEqual(540);
    expect(figureLayout(space, { rows: 8, columns: 3584 }).picture.height).toBe(220);
  });
});

describe('what the map is about', () => {
  const heads = { axis: 'columns', count: 4, size: 32 } as const;
  const layout = {
    module: 'o_proj',
    kind: 'matrix',
    shape: [64, 128],
    matrix: { rows: 64, cols: 128 },
    dtype: 'BF16',
    k: 32,
    notSpectral: null,
    heads,
  } as const satisfies Partial<Record<keyof TensorLayout, unknown>>;
  const entry = (changes: Partial<TensorLayout>) => ({
    name: 'q',
    layout: { ...layout, shape: [...layout.shape], ...changes } as TensorLayout,
  });

  it('is a compared matrix with its heads', () => {
    expect(stripeTensor(entry({}))).toEqual({
      tensor: 'q',
      rows: 64,
      columns: 128,
      headSize: 32,
      headAxis: 'columns',
    });
    expect(stripeTensor(entry({ shape: [64], matrix: { rows: 1, cols: 64 } }))).toBeNull();
    expect(stripeTensor(entry({ matrix: null }))).toBeNull();
  });

  it('names head and channel', () => {
    const about = { tensor: 'q', rows: 64, columns: 128, headSize: 32, headAxis: 'columns' } as const;
    expect(headWords(about, { row: 3, column: 70 })).toBe('head 2, channel 6');
    expect(headWords({ ...about, headSize: null, headAxis: null }, { row: 3, column: 70 })).toBe('');
  });

  it('takes the profiles of each variant from its curves', () => {
    const curve = (variant: string, name: string, values: Curve['values']) =>
      ({ variant, name, values }) as Curve;
    const curves = [
      curve('sft', 'row-changed', [1, 2]),
      curve('sft', 'spectrum-reference', [9]),
      curve('rl', 'column-changed', [3]),
    ];
    expect(stripeProfiles(curves)).toEqual({
      sft: { rows: [1, 2], columns: null },
      rl: { rows: null, columns: [3] },
    });
  });

  it('writes weights in digits that tell neighbours apart, and steps in words', () => {
    expect([1.0078125, -0.0712890625, 'NaN' as const].map(weightText)).toEqual([
      '1.00781',
      '−0.0712891',
      'NaN',
    ]);
    expect([0, 1, -3, 12_345, null].map(stepsText)).toEqual([
      'unchanged',
      '1 step up',
      '3 steps down',
      '12 345 steps up',
      'not a number',
    ]);
  });
});
