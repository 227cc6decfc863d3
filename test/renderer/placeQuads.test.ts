import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plantedTile, type PlantedChange } from '../fixtures/plantedChange.ts';
import { placeQuads, tilesToLoad, type FindTile } from '../../src-renderer/stripes/placeQuads.ts';
import { TileSlots } from '../../src-renderer/stripes/TileSlots.ts';
import type { Tile } from '../../src-renderer/stripes/TileStore.ts';
import { Viewport } from '../../src-renderer/stripes/Viewport.ts';

/** Odd sides, so that tiles end within a pixel of their level; every weight has steps of its own. */
const planted: PlantedChange = {
  rows: 701,
  columns: 943,
  steps: [(row, column) => ((row * 31 + column * 17) % 255) - 127],
};
const matrix = { rows: planted.rows, columns: planted.columns };

function finder(has: (level: number) => boolean): FindTile {
  const known = new Map<string, Tile>();
  return (place) => {
    if (!has(place.level)) return null;
    const key = `${String(place.level)} ${String(place.row)} ${String(place.column)}`;
    const tile = known.get(key) ?? { key, ...plantedTile(planted, 'steps', place) };
    known.set(key, tile);
    return tile;
  };
}

/** What the renderers do: the byte under the centre of every device pixel, null where nothing was drawn. */
function rasterised(viewport: Viewport, find: FindTile): (number | null)[] {
  const { width, height } = viewport.view;
  const drawn: (number | null)[] = Array.from({ length: width * height }, () => null);
  for (const { tile, step, ...quad } of placeQuads(viewport, find).quads) {
    for (let y = 0; y < quad.height; y++)
      for (let x = 0; x < quad.width; x++) {
        const row = Math.floor(quad.sourceY + (y + 0.5) * step);
        const column = Math.floor(quad.sourceX + (x + 0.5) * step);
        const isInside = row >= 0 && column >= 0 && row < tile.rows && column < tile.columns;
        if (!isInside) throw new Error(`row ${String(row)}, column ${String(column)} are beside ${tile.key}`);
        drawn[(quad.y + y) * width + quad.x + x] = tile.pixels[row * tile.columns + column]!;
      }
  }
  return drawn;
}

const views = fc
  .record({
    zoom: fc.double({ min: 1, max: 40, noNaN: true }),
    x: fc.integer({ min: 0, max: 120 }),
    y: fc.integer({ min: 0, max: 90 }),
  })
  .map(({ zoom, x, y }) => Viewport.fit(matrix, { width: 120, height: 90 }).zoomed(zoom, { x, y }));

describe('placeQuads', () => {
  it('shows under the centre of every device pixel the pixel of its level, and nothing beside the matrix', () => {
    fc.assert(
      fc.property(views, (viewport) => {
        const { level } = viewport;
        const drawn = rasterised(
          viewport,
          finder((known) => known === level),
        );
        const wrong = drawn.filter((byte, i) => {
          const x = (i % 120) + 0.5;
          const y = Math.floor(i / 120) + 0.5;
          const weight = viewport.weightAt({ x, y });
          if (!weight) return byte !== null;
          const [row, column] = [weight.row >> level, weight.column >> level];
          const place = { level, row: row >> 8, column: column >> 8 };
          const tile = plantedCached(place);
          return byte !== tile.pixels[(row & 255) * tile.columns + (column & 255)];
        });
        expect(wrong).toHaveLength(0);
      }),
      { numRuns: 40 },
    );
  });

  it('covers the view with a coarser tile, or with finer ones, until its own are there', () => {
    const viewport = Viewport.fit(matrix, { width: 120, height: 90 }).zoomed(6);
    expect(viewport.level).toBe(1);
    const coarse = rasterised(
      viewport,
      finder((level) => level === 2),
    );
    const fine = rasterised(
      viewport,
      finder((level) => level === 0),
    );
    expect(coarse.filter((byte) => byte === null)).toHaveLength(0);
    expect(fine.filter((byte) => byte === null)).toHaveLength(0);
    expect(placeQuads(viewport, () => null)).toMatchObject({ quads: [], present: 0 });
  });

  it('asks for the whole matrix first, then from the middle out', () => {
    const viewport = Viewport.fit({ rows: 18_944, columns: 3584 }, { width: 900, height: 600 }).toScale(1);
    const [first, second, ...rest] = tilesToLoad(viewport);
    expect(first).toEqual({ level: 7, row: 0, column: 0 });
    expect(second).toMatchObject({ level: 0, row: 36 });
    const keys = rest.map(({ level, row, column }) => `${String(level)} ${String(row)} ${String(column)}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(rest.length + 1).toBe(viewport.tiles(0, 1).length);
  });
});

const cache = new Map<string, ReturnType<typeof plantedTile>>();
function plantedCached(place: { level: number; row: number; column: number }) {
  const key = JSON.stringify(place);
  const tile = cache.get(key) ?? plantedTile(planted, 'steps', place);
  cache.set(key, tile);
  return tile;
}

describe('TileSlots', () => {
  it('keeps tiles where they are and gives away the layer that was not used for longest', () => {
    const slots = new TileSlots(2);
    slots.beginFrame();
    expect(slots.take('a')).toEqual({ slot: 0, isNew: true });
    expect(slots.take('b')).toEqual({ slot: 1, isNew: true });
    expect(slots.take('c')).toBeNull();
    slots.beginFrame();
    expect(slots.take('a')).toEqual({ slot: 0, isNew: false });
    expect(slots.take('c')).toEqual({ slot: 1, isNew: true });
    expect(slots.take('b')).toBeNull();
  });
});
