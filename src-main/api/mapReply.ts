import { MapQuery, type MapDocument } from '../contract/map.ts';
import type { Study } from '../study/Study.ts';
import { refuseUnknown } from './rowsReply.ts';

/** One measure of the whole study in columns. fails usage */
export async function mapReply(
  study: Study,
  queries: Readonly<Record<string, string[]>>,
): Promise<MapDocument> {
  const query = MapQuery.parse(queries);
  refuseUnknown(
    'measure',
    query.measure,
    study.measures().map(({ id }) => id),
  );
  const document = await study.map(query);
  if (document.places.names.length === 0) refuseUnknown('module', query.module, []);
  return document;
}
