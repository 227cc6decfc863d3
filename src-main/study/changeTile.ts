import { PolarimeterError } from '../contract/errors.ts';
import { TILE_SIDE, type TileQuery } from '../contract/stripes.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { PairSources } from './pairSources.ts';

export interface ChangeTile {
  /** Of pixels. */
  readonly rows: number;
  readonly columns: number;
  /** One byte each, row-major. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** First weight of the nth tile along an axis, and how many it covers. Fails with `usage` where there is none. */
function span(name: 'row' | 'column', length: number, { level, ...query }: TileQuery): [number, number] {
  const covered = TILE_SIDE * 2 ** level;
  const first = query[name] * covered;
  if (first < length) return [first, Math.min(covered, length - first)];
  const tiles = Math.ceil(length / covered);
  const have = `${String(tiles)} ${name === 'row' ? 'rows' : 'columns'} of tiles`;
  throw new PolarimeterError(
    'usage',
    `at level ${String(level)} this tensor has ${have}, counted from 0`,
    name,
  );
}

/** One tile of the stripe map. Fails with `usage` for one outside the matrix, `cancelled`, and as reading files does. */
export async function changeTile(
  kernels: Kernels,
  { rows: height, cols: width, reference, variants }: PairSources,
  query: TileQuery,
  signal?: AbortSignal,
): Promise<ChangeTile> {
  const { reduce, level } = query;
  if (reduce !== 'consensus' && variants.length > 1) {
    throw new PolarimeterError('usage', 'only consensus takes more than one variant', 'variant');
  }
  const [row, rows] = span('row', height, query);
  const [col, cols] = span('column', width, query);
  const region = { reference, variants, reduce, level, row, col, rows, cols };
  const tile = await kernels.changeTile(region, { signal });
  return { rows: tile.rows, columns: tile.cols, pixels: tile.pixels };
}
