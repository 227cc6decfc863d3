/** Perceptual colour maps for heat maps, as straight lines in OKLab, where equal steps look equal. */
import { mixLab, rgbBytes, type Lab } from './okLab.ts';

/** Deep blue to pale yellow through grey: it varies along the one axis that red-green deficiencies keep, and prints in grey. */
const SEQUENTIAL: readonly Lab[] = [
  [0.33, -0.01, -0.13],
  [0.93, -0.015, 0.13],
];

/** Blue, near white at zero, and brown; equally dark at both ends. */
const DIVERGING: readonly Lab[] = [
  [0.4, -0.02, -0.13],
  [0.95, 0, 0],
  [0.4, 0.06, 0.085],
];

const STOPS = 33;

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

export type ColourMap = 'sequential' | 'diverging';

/** Evenly spaced colours of a map, low to high, as "#rrggbb". */
export function colourStops(map: ColourMap, count = STOPS): string[] {
  const path = map === 'sequential' ? SEQUENTIAL : DIVERGING;
  return Array.from(
    { length: count },
    (_, i) =>
      `#${rgbBytes(mixLab(path, i / (count - 1)))
        .map(hex)
        .join('')}`,
  );
}
