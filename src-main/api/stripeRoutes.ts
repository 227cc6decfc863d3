import { createHash } from 'node:crypto';
import { Hono, type HonoRequest } from 'hono';
import {
  StepsQuery,
  TILE_COLUMNS_HEADER,
  TILE_ROWS_HEADER,
  TileQuery,
  WeightQuery,
} from '../contract/stripes.ts';
import { changeTile, type ChangeTile } from '../study/changeTile.ts';
import { holdFiles, type PairSources } from '../study/pairSources.ts';
import { stepsDocument } from '../study/stepsDocument.ts';
import { weightDocument } from '../study/weightDocument.ts';
import type { StudyHub } from './StudyHub.ts';
import { TileCache } from './TileCache.ts';

/** 1000 whole tiles: a large matrix at every level above the lowest two. */
const CACHE_BYTES = 64 * 2 ** 20;

function tileKey({ content }: PairSources, { reduce, level, row, column }: TileQuery): string {
  const text = JSON.stringify([content, reduce, level, row, column]);
  return createHash('sha256').update(text).digest('base64url');
}

/** The query with every value of `variant`, of the rest the first. */
const withVariants = (request: HonoRequest): Record<string, string | string[]> => ({
  ...request.query(),
  variant: request.queries('variant') ?? [],
});

function tileReply({ rows, columns, pixels }: ChangeTile): Response {
  return new Response(pixels, {
    headers: {
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store',
      [TILE_ROWS_HEADER]: String(rows),
      [TILE_COLUMNS_HEADER]: String(columns),
    },
  });
}

/** The stripe map of a study, under /api/studies: tiles, steps by magnitude and single weights. An aborted request ends its work. */
export function stripeRoutes(hub: StudyHub): Hono {
  const cache = new TileCache(CACHE_BYTES);
  const routes = new Hono();
  routes.get('/:id/tile', async (c) => {
    const query = TileQuery.parse(withVariants(c.req));
    const pair = hub.get(c.req.param('id')).pairSources(query.tensor, query.variant);
    // Held before the cache is asked: files that changed have no tiles.
    using _files = holdFiles(hub.kernels, pair);
    const key = tileKey(pair, query);
    const tile = cache.get(key) ?? (await changeTile(hub.kernels, pair, query, c.req.raw.signal));
    cache.put(key, tile);
    return tileReply(tile);
  });
  routes.get('/:id/steps', async (c) => {
    const { tensor, variant } = StepsQuery.parse(c.req.query());
    const pair = hub.get(c.req.param('id')).pairSources(tensor, [variant]);
    return c.json(await stepsDocument(hub.kernels, pair, c.req.raw.signal));
  });
  routes.get('/:id/weight', async (c) => {
    const query = WeightQuery.parse(withVariants(c.req));
    const pair = hub.get(c.req.param('id')).pairSources(query.tensor, query.variant);
    return c.json(await weightDocument(hub.kernels, pair, query, c.req.raw.signal));
  });
  return routes;
}
