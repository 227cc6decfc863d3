import { describe, expect, it } from 'vitest';
import { colourStops } from '../../src-main/figures/colourMap.ts';

function linear(hex: string): [number, number, number] {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** Relative luminance (WCAG 2.2), which is also what a grey print shows. */
function luminance([r, g, b]: readonly [number, number, number]): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** CIE lightness, which is close to even for the eye. */
function lightness(y: number): number {
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

/** What a person without the middle or long cones sees, to first order (matrices of Machado et al. 2009, severity 1). */
const DEFICIENCIES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(deficiency: string, rgb: readonly number[]): [number, number, number] {
  const rows = DEFICIENCIES[deficiency] ?? [];
  return rows.map((row) => row.reduce((sum, factor, i) => sum + factor * rgb[i]!, 0)) as [
    number,
    number,
    number,
  ];
}

const rises = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > values[i - 1]!);

describe('the sequential map', () => {
  const stops = colourStops('sequential');

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

describe('the diverging map', () => {
  const stops = colourStops('diverging');
  const values = stops.map((hex) => lightness(luminance(linear(hex))));
  const middle = (stops.length - 1) / 2;

  it('is lightest in its middle, without hue, and equally dark at both ends', () => {
    expect(rises(values.slice(0, middle + 1))).toBe(true);
    expect(rises(values.slice(middle).toReversed())).toBe(true);
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
