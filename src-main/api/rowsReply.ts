import { PolarimeterError } from '../contract/errors.ts';
import { RowsQuery } from '../contract/routes.ts';
import type { RowsDocument } from '../contract/rows.ts';
import type { Study } from '../study/Study.ts';

export function refuseUnknown(name: string, asked: readonly string[], known: readonly string[]): void {
  const stranger = asked.find((value) => !known.includes(value));
  if (stranger !== undefined) throw new PolarimeterError('usage', `this study has no such ${name}`, stranger);
}

/** Stored rows, filtered. A misspelled measure, variant, layer or module is an error, not an empty list. fails usage */
export async function rowsReply(
  study: Study,
  queries: Readonly<Record<string, string[]>>,
): Promise<RowsDocument> {
  const query = RowsQuery.parse(queries);
  const measures = study.measures().map(({ id }) => id);
  const variants = study.file.variants.map(({ label }) => label);
  refuseUnknown('measure', query.measure, measures);
  refuseUnknown('variant', query.variant, variants);
  const [rows] = await study.readRows([query]);
  return { schema: 'polarimeter.rows/1', study: study.file.name, rows: rows ?? [] };
}
