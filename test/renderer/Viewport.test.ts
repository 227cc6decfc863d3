import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_SIDE } from '../../src-main/contract/stripes.ts';
import { coarsestLevel, Viewport, type Point } from '../../src-renderer/stripes/Viewport.ts';

const side = fc.integer({ min: 1, max: 150_000 });
const pixels = fc.integer({ min: 40, max: 4000 });

/** A view after some moves, as a user makes them. */
const moved = fc
  .record({
    matrix: fc.record({ rows: side, columns: side }),
    view: fc.record({ width: pixels, height: pixels }),
    moves: fc.array(
      fc.record({
        factor: fc.double({ min: 0.2, max: 5, noNaN: true }),
        x: fc.double({ min: 0, max: 1, noNaN: true }),
        y: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ matrix, view, moves }) =>
    moves.reduce(
      (viewport, { factor, x, y }) =>
        viewport
          .zoomed(factor, { x: x * view.width, y: y * view.height })
          .panned({ x: (x - 0.5) * view.width, y: (y - 0.5) * view.height }),
      Viewport.fit(matrix, view),
    ),
  );

/** Weights along an axis are all in view, or the view is all within the weights. */
const isHeld = (from: number, to: number, count: number, weight: number): boolean =>
  (from <= weight && to >= count - weight) || (from >= -weight && to <= count + weight);

describe('Viewport', () => {
  it('fits the whole matrix, touching two sides of the view', () => {
    fc.assert(
      fc.property(side, side, pixels, pixels, (rows, columns, width, height) => {
        const fit = Viewport.fit({ rows, columns }, { width, height });
        expect(fit.isFit).toBe(true);
        const [from, to] = [fit.screen({ x: 0, y: 0 }), fit.screen({ x: columns, y: rows })];
        for (const [low, high, most] of [
          [from.x, to.x, width],
          [from.y, to.y, height],
        ] as const) {
          expect(low).toBeGreaterThanOrEqual(-0.51);
          expect(high).toBeLessThanOrEqual(most + 0.51);
        }
        expect(Math.max((to.x - from.x) / width, (to.y - from.y) / height)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('keeps the weight under the pointer while it zooms, to a device pixel, unless the edge of the matrix holds it', () => {
    fc.assert(
      fc.property(moved, fc.double({ min: 0.3, max: 3, noNaN: true }), (viewport, factor) => {
        const about: Point = { x: viewport.view.width * 0.3, y: viewport.view.height * 0.8 };
        const before = viewport.at(about);
        const zoomed = viewport.zoomed(factor, about);
        const after = zoomed.screen(before);
        const { matrix, view, centre, scale } = zoomed;
        const free = (at: number, count: number, shown: number): boolean =>
          at > shown / 2 + 1e-6 * count && at < count - shown / 2 - 1e-6 * count;
        // Half a device pixel of rounding before, half after; the one before grows with the zoom.
        const tolerance = 0.5 + 0.5 * Math.max(1, scale / viewport.scale) + 1e-6;
        if (free(centre.x, matrix.columns, view.width / scale))
          expect(Math.abs(after.x - about.x)).toBeLessThanOrEqual(tolerance);
        if (free(centre.y, matrix.rows, view.height / scale))
          expect(Math.abs(after.y - about.y)).toBeLessThanOrEqual(tolerance);
      }),
      { numRuns: 500 },
    );
  });

  it('never leaves the matrix', () => {
    fc.assert(
      fc.property(moved, (viewport) => {
        const { matrix, view, scale } = viewport;
        const from = viewport.at({ x: 0, y: 0 });
        const to = viewport.at({ x: view.width, y: view.height });
        expect(isHeld(from.x, to.x, matrix.columns, 0.6 / scale)).toBe(true);
        expect(isHeld(from.y, to.y, matrix.rows, 0.6 / scale)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the level of which a pixel covers one to two device pixels', () => {
    fc.assert(
      fc.property(moved, (viewport) => {
        const covered = 2 ** viewport.level * viewport.scale;
        expect(covered).toBeGreaterThan(0.999);
        if (viewport.level > 0) expect(covered).toBeLessThan(2.001);
      }),
    );
  });

  it('names exactly the tiles in view: none outside, none missing', () => {
    fc.assert(
      fc.property(moved, fc.double({ min: 0, max: 1, noNaN: true }), (viewport, at) => {
        const { matrix, view, level } = viewport;
        const weights = TILE_SIDE * 2 ** level;
        const tiles = viewport.tiles();
        expect(new Set(tiles.map(({ row, column }) => `${String(row)} ${String(column)}`)).size).toBe(
          tiles.length,
        );
        for (const { row, column } of tiles) {
          const from = viewport.screen({ x: column * weights, y: row * weights });
          const to = viewport.screen({ x: (column + 1) * weights, y: (row + 1) * weights });
          expect(from.x < view.width && from.y < view.height && to.x > 0 && to.y > 0).toBe(true);
          expect(row * weights < matrix.rows && column * weights < matrix.columns).toBe(true);
        }
        const weight = viewport.weightAt({ x: at * (view.width - 1), y: (1 - at) * (view.height - 1) });
        if (!weight) return;
        const [row, column] = [Math.floor(weight.row / weights), Math.floor(weight.column / weights)];
        expect(tiles).toContainEqual({ level, row, column });
      }),
    );
  });

  it('adds a ring of neighbours within the matrix', () => {
    const matrix = { rows: 4096, columns: 4096 };
    const viewport = Viewport.fit(matrix, { width: 512, height: 512 }).toScale(1);
    expect(viewport.level).toBe(0);
    const inner = viewport.tiles();
    const outer = viewport.tiles(0, 1);
    expect(outer.length).toBeGreaterThan(inner.length);
    expect(outer).toEqual(expect.arrayContaining(inner));
    expect(Viewport.fit(matrix, { width: 512, height: 512 }).tiles(3, 5)).toHaveLength(4);
  });

  it('shows a weight that was out of view, and stays put for one that is in it', () => {
    const matrix = { rows: 18_944, columns: 3584 };
    const viewport = Viewport.fit(matrix, { width: 900, height: 600 }).toScale(8);
    const { x, y } = viewport.at({ x: 450, y: 300 });
    expect(viewport.showing(Math.floor(y), Math.floor(x)).centre).toEqual(viewport.centre);
    const far = viewport.showing(18_943, 0);
    const at = far.screen({ x: 0.5, y: 18_943.5 });
    expect(at.x).toBeGreaterThan(0);
    expect(at.y).toBeLessThan(600);
  });

  it('stays the whole matrix when the window grows, and keeps its middle when it was zoomed', () => {
    const fit = Viewport.fit({ rows: 1000, columns: 500 }, { width: 300, height: 300 });
    expect(fit.resized({ width: 600, height: 600 }).isFit).toBe(true);
    const zoomed = fit.zoomed(10, { x: 100, y: 100 });
    expect(zoomed.resized({ width: 310, height: 320 }).centre).toEqual(zoomed.centre);
  });

  it('goes up to 64 device pixels a weight and down to the whole matrix', () => {
    const fit = Viewport.fit({ rows: 18_944, columns: 3584 }, { width: 900, height: 600 });
    const closest = fit.zoomed(1e9);
    expect(closest.scale).toBe(64);
    expect(closest.isClosest).toBe(true);
    expect(closest.zoomed(1e-9).isFit).toBe(true);
    expect(coarsestLevel(fit.matrix)).toBe(7);
    expect(coarsestLevel({ rows: 256, columns: 10 })).toBe(0);
    expect(coarsestLevel({ rows: 257, columns: 10 })).toBe(1);
  });
});
