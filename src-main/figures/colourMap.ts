/** Perceptual colour maps for heat maps, as straight lines in OKLab, where equal steps look equal. */

type Lab = readonly [lightness: number, greenRed: number, blueYellow: number];

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

/** OKLab to linear sRGB with the matrices of its definition (B. Ottosson, 2020). */
function linearRgb([lightness, a, b]: Lab): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function channelHex(linear: number): string {
  const clipped = Math.min(1, Math.max(0, linear));
  const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded)
    .toString(16)
    .padStart(2, '0');
}

function mix(path: readonly Lab[], position: number): Lab {
  const scaled = position * (path.length - 1);
  const index = Math.min(path.length - 2, Math.floor(scaled));
  const [from, to] = [path[index], path[index + 1]] as [Lab, Lab];
  const at = (i: 0 | 1 | 2): number => from[i] + (scaled - index) * (to[i] - from[i]);
  return [at(0), at(1), at(2)];
}

export type ColourMap = 'sequential' | 'diverging';

/** Evenly spaced colours of a map, low to high, as "#rrggbb". */
export function colourStops(map: ColourMap, count = STOPS): string[] {
  const path = map === 'sequential' ? SEQUENTIAL : DIVERGING;
  return Array.from({ length: count }, (_, i) => {
    const rgb = linearRgb(mix(path, i / (count - 1)));
    return `#${rgb.map(channelHex).join('')}`;
  });
}
