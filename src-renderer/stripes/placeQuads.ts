import { TILE_SIDE } from '../../src-main/contract/stripes.ts';
import type { Quad } from './StripeRenderer.ts';
import type { Tile } from './TileStore.ts';
import { coarsestLevel, type TilePlace, type Viewport } from './Viewport.ts';

/** How a tile is found that came already. */
export type FindTile = (place: TilePlace) => Tile | null;

export interface PlacedQuads {
  readonly quads: readonly Quad[];
  /** Tiles of the level of the view that are in view, and how many of them are there. */
  readonly needed: readonly TilePlace[];
  readonly present: number;
}

/** One axis of a tile and of the part of it that is shown, in weights. */
interface Along {
  readonly axis: 'x' | 'y';
  readonly tileFirst: number;
  readonly pixel: number;
  readonly from: number;
  readonly end: number;
}

/** The device pixels whose centres lie in the part shown, and where in the tile the first one begins. */
function span({ scale, origin, view }: Viewport, { axis, tileFirst, pixel, from, end }: Along) {
  const side = axis === 'x' ? view.width : view.height;
  const first = Math.max(0, Math.ceil(from * scale - origin[axis] - 0.5));
  const last = Math.min(side, Math.ceil(end * scale - origin[axis] - 0.5));
  return { first, count: last - first, source: ((first + origin[axis]) / scale - tileFirst) / pixel };
}

/** The quad that shows of a tile what lies within the place of a finer or equal level; null when no pixel centre is in it. */
function quadOf(viewport: Viewport, tile: Tile, at: TilePlace, within: TilePlace): Quad | null {
  const pixel = 2 ** at.level;
  const clip = TILE_SIDE * 2 ** within.level;
  const along = (axis: 'x' | 'y', index: 'row' | 'column', pixels: number): Along => {
    const tileFirst = at[index] * TILE_SIDE * pixel;
    const end = Math.min(tileFirst + pixels * pixel, (within[index] + 1) * clip, edgeOf(viewport, axis));
    return { axis, tileFirst, pixel, from: within[index] * clip, end };
  };
  const across = span(viewport, along('x', 'column', tile.columns));
  const down = span(viewport, along('y', 'row', tile.rows));
  if (across.count <= 0 || down.count <= 0) return null;
  return {
    tile,
    x: across.first,
    y: down.first,
    width: across.count,
    height: down.count,
    sourceX: across.source,
    sourceY: down.source,
    step: 1 / (viewport.scale * pixel),
  };
}

const edgeOf = ({ matrix }: Viewport, axis: 'x' | 'y'): number =>
  axis === 'x' ? matrix.columns : matrix.rows;

function ancestorQuad(viewport: Viewport, place: TilePlace, find: FindTile): Quad | null {
  const top = coarsestLevel(viewport.matrix);
  for (let level = place.level + 1; level <= top; level++) {
    const up = 2 ** (level - place.level);
    const at = { level, row: Math.floor(place.row / up), column: Math.floor(place.column / up) };
    const tile = find(at);
    if (tile) return quadOf(viewport, tile, at, place);
  }
  return null;
}

function childQuads(viewport: Viewport, { level, row, column }: TilePlace, find: FindTile): Quad[] {
  if (level === 0) return [];
  const places = [0, 1, 2, 3].map((i) => ({
    level: level - 1,
    row: 2 * row + (i >> 1),
    column: 2 * column + (i & 1),
  }));
  return places.flatMap((at) => {
    const tile = find(at);
    return tile ? (quadOf(viewport, tile, at, at) ?? []) : [];
  });
}

/** Covers the view: with tiles of its level where they are there, else with what a coarser one knows, else with finer ones. */
export function placeQuads(viewport: Viewport, find: FindTile): PlacedQuads {
  const needed = viewport.tiles();
  const quads: Quad[] = [];
  let present = 0;
  for (const place of needed) {
    const tile = find(place);
    if (tile) {
      present++;
      const quad = quadOf(viewport, tile, place, place);
      if (quad) quads.push(quad);
      continue;
    }
    const coarse = ancestorQuad(viewport, place, find);
    if (coarse) quads.push(coarse);
    quads.push(...childQuads(viewport, place, find));
  }
  return { quads, needed, present };
}

/** Tiles worth having for a view, the most urgent first: the one that is the whole matrix, those in view from the middle out, a ring. */
export function tilesToLoad(viewport: Viewport): TilePlace[] {
  const { centre, level } = viewport;
  const side = TILE_SIDE * 2 ** level;
  const distance = ({ row, column }: TilePlace): number =>
    Math.hypot((row + 0.5) * side - centre.y, (column + 0.5) * side - centre.x);
  const inView = viewport.tiles().toSorted((a, b) => distance(a) - distance(b));
  const seen = new Set(inView.map(({ row, column }) => `${String(row)} ${String(column)}`));
  const ring = viewport
    .tiles(level, 1)
    .filter(({ row, column }) => !seen.has(`${String(row)} ${String(column)}`));
  const whole = { level: coarsestLevel(viewport.matrix), row: 0, column: 0 };
  return [...(whole.level > level ? [whole] : []), ...inView, ...ring];
}
