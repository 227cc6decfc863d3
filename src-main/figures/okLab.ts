/** A colour in OKLab, where equal steps look equal. */
export type Lab = readonly [lightness: number, greenRed: number, blueYellow: number];

/** OKLab to linear sRGB with the matrices of its definition (B. Ottosson, 2020). */
function linearRgb([lightness, a, b]: Lab): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function encoded(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
}

/** sRGB bytes of a colour; what the screen cannot show is cut to what it can. */
export function rgbBytes(colour: Lab): [red: number, green: number, blue: number] {
  const [red, green, blue] = linearRgb(colour);
  return [encoded(red), encoded(green), encoded(blue)];
}

/** The colour at a position from 0 to 1 on straight lines through evenly spaced colours. */
export function mixLab(path: readonly Lab[], position: number): Lab {
  const scaled = Math.min(1, Math.max(0, position)) * (path.length - 1);
  const index = Math.min(path.length - 2, Math.floor(scaled));
  const [from, to] = [path[index], path[index + 1]] as [Lab, Lab];
  const at = (i: 0 | 1 | 2): number => from[i] + (scaled - index) * (to[i] - from[i]);
  return [at(0), at(1), at(2)];
}
