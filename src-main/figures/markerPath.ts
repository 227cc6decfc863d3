import type { Marker } from './variantStyle.ts';

/** Polygons in a square from -1 to 1; the circle is no polygon. */
const POLYGONS: Readonly<Record<Exclude<Marker, 'circle'>, readonly (readonly [number, number])[]>> = {
  square: [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  triangle: [
    [0, -1],
    [1, 0.8],
    [-1, 0.8],
  ],
  wedge: [
    [0, 1],
    [1, -0.8],
    [-1, -0.8],
  ],
  diamond: [
    [0, -1.1],
    [1.1, 0],
    [0, 1.1],
    [-1.1, 0],
  ],
  cross: [
    [-0.35, -1],
    [0.35, -1],
    [0.35, -0.35],
    [1, -0.35],
    [1, 0.35],
    [0.35, 0.35],
    [0.35, 1],
    [-0.35, 1],
    [-0.35, 0.35],
    [-1, 0.35],
    [-1, -0.35],
    [-0.35, -0.35],
  ],
};

/** Corners of a marker around a centre; null for the circle. */
export function markerPolygon(
  marker: Marker,
  centre: { x: number; y: number; radius: number },
): [number, number][] | null {
  if (marker === 'circle') return null;
  return POLYGONS[marker].map(([x, y]) => [centre.x + x * centre.radius, centre.y + y * centre.radius]);
}

/** A marker as the data of an SVG path. */
export function markerPath(marker: Marker, centre: { x: number; y: number; radius: number }): string {
  const { x, y, radius } = centre;
  const corners = markerPolygon(marker, centre);
  if (corners) return `M${corners.map((corner) => corner.map((v) => v.toFixed(2)).join(' ')).join('L')}Z`;
  const arc = `a${String(radius)} ${String(radius)} 0 1 0`;
  return `M${String(x - radius)} ${String(y)}${arc} ${String(2 * radius)} 0${arc} ${String(-2 * radius)} 0Z`;
}
