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

/** The same sides on a dark ground: zero recedes into it, and both ends are equally light. */
const DIVERGING_ON_DARK: readonly Lab[] = [
  [0.82, -0.04, -0.1],
  [0.3, 0, 0],
  [0.82, 0.05, 0.12],
];

const STOPS = 33;

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

export type ColourMap = 'sequential' | 'diverging';

/** What a figure stands on, see FigureTheme. */
export type Ground = 'light' | 'dark';

/** The ground that a colour "#rrggbb" makes. */
export function groundOf(paper: string): Ground {
  const [red = 255, green = 255, blue = 255] = [1, 3, 5].map((at) =>
    Number.parseInt(paper.slice(at, at + 2), 16),
  );
  return red + green + blue < 1.5 * 255 ? 'dark' : 'light';
}

/** Evenly spaced colours of a map, low to high, as "#rrggbb". */
export function colourStops(map: ColourMap, ground: Ground, count = STOPS): string[] {
  const path = map === 'sequential' ? SEQUENTIAL : ground === 'light' ? DIVERGING : DIVERGING_ON_DARK;
  return Array.from(
    { length: count },
    (_, i) =>
      `#${rgbBytes(mixLab(path, i / (count - 1)))
        .map(hex)
        .join('')}`,
  );
}
