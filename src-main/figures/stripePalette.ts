/** Colours of the stripe map: one per byte of a tile, the same on the graphics card, on a canvas and in the legend. */
import { NO_DIRECTION, type Reduction } from '../contract/stripes.ts';
import { mixLab, rgbBytes, type Lab } from './okLab.ts';

export type Ground = 'light' | 'dark';

interface Inks {
  /** Weights that did not change look like paper. */
  readonly paper: Lab;
  /** From the least to the largest; up and down share no lightness, so that they stay apart in grey. */
  readonly up: readonly [Lab, Lab];
  readonly down: readonly [Lab, Lab];
  /** As many up as down. */
  readonly balanced: Lab;
  readonly share: readonly [Lab, Lab, Lab];
  readonly invalid: Lab;
}

const INKS: Readonly<Record<Ground, Inks>> = {
  light: {
    paper: [0.985, 0, 0.003],
    up: [
      [0.52, -0.025, -0.14],
      [0.26, -0.005, -0.12],
    ],
    down: [
      [0.84, 0.035, 0.1],
      [0.66, 0.09, 0.125],
    ],
    balanced: [0.59, 0.005, -0.01],
    share: [
      [0.89, -0.015, -0.03],
      [0.56, -0.045, -0.1],
      [0.24, 0.015, -0.11],
    ],
    invalid: [0.56, 0.24, -0.03],
  },
  dark: {
    paper: [0.235, -0.003, -0.006],
    up: [
      [0.74, -0.04, -0.1],
      [0.95, -0.03, -0.03],
    ],
    down: [
      [0.42, 0.06, 0.075],
      [0.6, 0.09, 0.12],
    ],
    balanced: [0.67, 0.005, 0],
    share: [
      [0.34, 0, -0.06],
      [0.62, -0.05, -0.1],
      [0.96, -0.02, 0.06],
    ],
    invalid: [0.66, 0.25, -0.05],
  },
};

const LARGEST = 127;

/** Where a number of steps lies between one and the largest, by powers of two. */
const stepPosition = (steps: number): number => Math.log2(Math.abs(steps)) / Math.log2(LARGEST);

const signed = (byte: number): number => (byte << 24) >> 24;

function stepsInk(inks: Inks, value: number): Lab {
  if (value === NO_DIRECTION) return inks.invalid;
  if (value === 0) return inks.paper;
  return mixLab(value > 0 ? inks.up : inks.down, stepPosition(value));
}

/** One way through all lightnesses, from all down over as many up as down to all up. */
function directionInk(inks: Inks, value: number): Lab {
  if (value === NO_DIRECTION) return inks.paper;
  return mixLab([inks.down[0], inks.balanced, inks.up[1]], (value + LARGEST) / (2 * LARGEST));
}

/** Small shares are common, so they get most of the scale: its position is the square root. */
function shareInk(inks: Inks, byte: number): Lab {
  return byte === 0 ? inks.paper : mixLab(inks.share, Math.sqrt(byte / 255));
}

function inkOf(reduction: Reduction, inks: Inks, byte: number): Lab {
  if (reduction === 'steps') return stepsInk(inks, signed(byte));
  if (reduction === 'direction') return directionInk(inks, signed(byte));
  return shareInk(inks, byte);
}

/** Red, green, blue and 255 of every byte that a tile may hold, 256 times four. */
export function stripePalette(reduction: Reduction, ground: Ground): Uint8ClampedArray<ArrayBuffer> {
  const palette = new Uint8ClampedArray(256 * 4);
  for (let byte = 0; byte < 256; byte++)
    palette.set([...rgbBytes(inkOf(reduction, INKS[ground], byte)), 255], 4 * byte);
  return palette;
}
