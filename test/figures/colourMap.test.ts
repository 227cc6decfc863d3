import { describe, expect, it } from 'vitest';
import { colourStops, groundOf } from '../../src-main/figures/colourMap.ts';
import { DEFICIENCIES, lightness, luminance, seen } from './colourVision.ts';

function linear(hex: string): [number, number, number] {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const rises = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > values[i - 1]!);

describe('the sequential map', () => {
  const stops = colourStops('sequential', 'light');

  it('gets lighter evenly: no step is much larger than another', () => {
    const steps = stops
      .map((hex) => lightness(luminance(linear(hex))))
      .map((value, i, all) => value - (all[i - 1] ?? value))
      .slice(1);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.8);
  });

  it.each(Object.keys(DEFICIENCIES))('still gets lighter under %s', (deficiency) => {
    expect(rises(stops.map((hex) => luminance(seen(deficiency, linear(hex)))))).toBe(true);
  });

  it('stands out from the page at its ends, light and dark', () => {
    const contrast = (a: string, b: string): number => {
      const [low, high] = [luminance(linear(a)), luminance(linear(b))].toSorted((x, y) => x - y) as [
        number,
        number,
      ];
      return (high + 0.05) / (low + 0.05);
    };
    expect(contrast(stops[0]!, '#f8f8f6')).toBeGreaterThan(3);
    expect(contrast(stops.at(-1)!, '#15181a')).toBeGreaterThan(3);
  });
});

describe.each(['light', 'dark'] as const)('the diverging map on a %s ground', (ground) => {
  const stops = colourStops('diverging', ground);
  const values = stops.map((hex) => lightness(luminance(linear(hex))));
  const middle = (stops.length - 1) / 2;
  /** From the middle outwards it leaves the ground: darker on light, lighter on dark. */
  const outwards = (side: readonly number[]): readonly number[] =>
    ground === 'light' ? side.map((value) => -value) : side;

  it('is nearest to the ground in its middle, without hue, and equally far from it at both ends', () => {
    expect(rises(outwards(values.slice(middle)))).toBe(true);
    expect(rises(outwards(values.slice(0, middle + 1).toReversed()))).toBe(true);
    expect(Math.abs(values[0]! - values.at(-1)!)).toBeLessThan(4);
    const [r, g, b] = linear(stops[middle]!);
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(0.01);
  });

  it.each(['protanopia', 'deuteranopia'])('keeps its sides apart under %s', (deficiency) => {
    const [, , blueLow] = seen(deficiency, linear(stops[4]!));
    const [, , blueHigh] = seen(deficiency, linear(stops.at(-5)!));
    expect(blueLow - blueHigh).toBeGreaterThan(0.15);
  });
});

describe('the ground of a figure', () => {
  it('is told from its paper', () => {
    expect(['#f8f8f6', '#ffffff', '#15181a', '#000000'].map(groundOf)).toEqual([
      'light',
      'light',
      'dark',
      'dark',
    ]);
  });
});
