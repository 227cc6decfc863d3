import { describe, expect, it } from 'vitest';
import { REDUCTION_IDS } from '../../src-main/contract/stripes.ts';
import { stripeLegend, stripeValue } from '../../src-main/figures/stripeLegend.ts';
import { stripePalette, type Ground } from '../../src-main/figures/stripePalette.ts';
import { DEFICIENCIES, lightness, luminance, seen } from './colourVision.ts';

const GROUNDS: readonly Ground[] = ['light', 'dark'];

const linear = (byte: number): number =>
  byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4;

type Rgb = readonly [number, number, number];

/** Linear red, green and blue of the colour of a signed or unsigned value. */
function colour(palette: Uint8ClampedArray, value: number): Rgb {
  const at = 4 * (value & 0xff);
  return [linear(palette[at]!), linear(palette[at + 1]!), linear(palette[at + 2]!)];
}

const grey = (palette: Uint8ClampedArray, value: number): number =>
  lightness(luminance(colour(palette, value)));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const distance = (a: Rgb, b: Rgb): number =>
  Math.hypot(...a.map((value, i) => Math.sqrt(Math.max(0, value)) - Math.sqrt(Math.max(0, b[i]!))));

describe.each(GROUNDS)('stripePalette on %s', (ground) => {
  const away = (palette: Uint8ClampedArray, values: readonly number[], none: number): number =>
    Math.min(...values.map((value) => Math.abs(grey(palette, value) - grey(palette, none))));

  it('gives every byte an opaque colour', () => {
    for (const reduction of REDUCTION_IDS) {
      const palette = stripePalette(reduction, ground);
      expect(palette).toHaveLength(1024);
      expect(range(0, 255).every((byte) => palette[4 * byte + 3] === 255)).toBe(true);
    }
  });

  it('shows a single step as clearly different from unchanged', () => {
    const palette = stripePalette('steps', ground);
    expect(away(palette, [...range(-127, -1), ...range(1, 127)], 0)).toBeGreaterThan(12);
  });

  it('tells up from down by lightness alone, so also in grey print', () => {
    const palette = stripePalette('steps', ground);
    const [up, down] = [range(1, 127), range(-127, -1)].map((values) =>
      values.map((value) => grey(palette, value)),
    ) as [number[], number[]];
    const gap =
      ground === 'light' ? Math.min(...down) - Math.max(...up) : Math.min(...up) - Math.max(...down);
    expect(gap).toBeGreaterThan(8);
  });

  it.each(Object.keys(DEFICIENCIES))('tells up, down and unchanged apart with %s', (deficiency) => {
    const palette = stripePalette('steps', ground);
    const [up, down, none] = [1, -1, 0].map((value) => seen(deficiency, colour(palette, value)));
    expect(distance(up!, down!)).toBeGreaterThan(0.15);
    expect(distance(up!, none!)).toBeGreaterThan(0.15);
    expect(distance(down!, none!)).toBeGreaterThan(0.1);
  });

  it('goes one way in lightness with the direction, the shares and the size of a step', () => {
    const steps = stripePalette('steps', ground);
    // Bytes are rounded channel by channel, which may turn lightness back by a fraction of what the eye sees.
    const monotone = (values: readonly number[]): boolean =>
      values.every(
        (value, i) => i === 0 || (value - values[i - 1]!) * Math.sign(values.at(-1)! - values[0]!) >= -0.3,
      );
    expect(monotone(range(1, 127).map((value) => grey(steps, value)))).toBe(true);
    expect(monotone(range(1, 127).map((value) => grey(steps, -value)))).toBe(true);
    const direction = stripePalette('direction', ground);
    expect(monotone(range(-127, 127).map((value) => grey(direction, value)))).toBe(true);
    for (const reduction of ['density', 'consensus'] as const) {
      const palette = stripePalette(reduction, ground);
      expect(monotone(range(1, 255).map((value) => grey(palette, value)))).toBe(true);
      expect(away(palette, range(1, 255), 0)).toBeGreaterThan(6);
    }
  });

  it('marks what is not a number, and does not colour a direction where nothing changed', () => {
    const steps = stripePalette('steps', ground);
    expect(distance(colour(steps, -128), colour(steps, -127))).toBeGreaterThan(0.2);
    const direction = stripePalette('direction', ground);
    expect(colour(direction, -128)).toEqual(colour(steps, 0));
  });
});

describe('stripeLegend', () => {
  it('puts its ticks where the bytes of its scale are', () => {
    const { ticks, byteAt } = stripeLegend('steps');
    expect(ticks.map(({ label, position }) => [label, (byteAt(position) << 24) >> 24])).toEqual([
      ['≤ −127', -127],
      ['−16', -16],
      ['−4', -4],
      ['−1', -1],
      ['+1', 1],
      ['+4', 4],
      ['+16', 16],
      ['≥ +127', 127],
    ]);
    const density = stripeLegend('density');
    expect(density.ticks.map(({ position }) => density.byteAt(position))).toEqual([3, 26, 64, 128, 255]);
    expect(density.ticks.map(({ label }) => label)).toEqual(['1.0 %', '10.0 %', '25.0 %', '50.0 %', '100 %']);
  });

  it.each(REDUCTION_IDS)('names a unit and what is outside of the scale: %s', (reduction) => {
    const legend = stripeLegend(reduction);
    expect(legend.scale).toMatch(/steps|%|number/);
    expect(legend.single.length).toBeGreaterThan(0);
  });

  it('says what a byte means', () => {
    expect(stripeValue('steps', 0)).toBe('unchanged');
    expect(stripeValue('steps', 1)).toBe('1 step up');
    expect(stripeValue('steps', 0xfd)).toBe('3 steps down');
    expect(stripeValue('steps', 127)).toBe('at least 127 steps up');
    expect(stripeValue('steps', 128)).toBe('NaN or infinite');
    expect(stripeValue('density', 0)).toBe('0 % changed');
    expect(stripeValue('density', 51)).toBe('about 20.0 % changed');
    expect(stripeValue('direction', 128)).toBe('none changed');
    expect(stripeValue('direction', 0x81)).toBe('mean direction -1.00');
    expect(stripeValue('consensus', 255)).toBe('changed in 100 % of the runs');
  });
});
