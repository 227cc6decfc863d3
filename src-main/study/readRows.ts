import type { MeasureInfo } from '../contract/measure.ts';
import type { RowsQuery } from '../contract/routes.ts';
import type { Row } from '../contract/rows.ts';
import { relativeNorm } from '../measures/relativeNorm.ts';
import type { EntryCache } from './EntryCache.ts';
import { learnMeasure } from './learnMeasure.ts';
import type { Cell } from './measureRows.ts';
import { modelPart } from './modelPart.ts';
import { normMatchedRows } from './normMatched.ts';
import { Pace } from './Pace.ts';
import { partRows, type Asked } from './partRows.ts';
import { RowReader, type CellColumn, type RowSource } from './rows.ts';

const ALL_LEVELS = ['overall', 'module', 'layer', 'tensor'] as const;

/** A query and what has been read for it, column by column. */
interface Answer {
  readonly query: RowsQuery;
  readonly asked: Asked;
  readonly found: { readonly column: CellColumn; readonly rows: readonly Row[] }[];
}

interface Reading {
  readonly source: RowSource;
  readonly reader: RowReader;
  readonly pace: Pace;
}

const wants = ({ measure }: RowsQuery, id: string): boolean => measure.length === 0 || measure.includes(id);

/** Reads one measure for everyone who asks for it, once. */
async function readMeasure(id: string, answers: readonly Answer[], reading: Reading): Promise<void> {
  const { reader, pace } = reading;
  await learnMeasure(reader, id, reading);
  for (const answer of answers.filter(({ query }) => wants(query, id))) {
    for (const column of reader.columns(id, answer.query.variant)) {
      const cells: Cell[] = [];
      for (const cell of column.cells) {
        cells.push(cell);
        if (pace.isDue) await pace.rest();
      }
      answer.found.push({ column, rows: partRows(column.column, column.measure, cells, answer.asked) });
      if (pace.isDue) await pace.rest();
    }
  }
  reader.forget();
}

/** Variant by variant, then what is of several together: the order in which they are read at once. */
function inOrder({ found }: Answer, { variants }: RowSource): Row[] {
  const place = ({ column, together }: CellColumn): number =>
    together === null ? variants.findIndex(({ label }) => label === column.variant) : variants.length;
  return found.toSorted((a, b) => place(a.column) - place(b.column)).flatMap(({ rows }) => rows);
}

/**
 * Rows for several queries, none of which names tensors. Measure by measure, so that of a large model the results of one are in memory at a
 * time and are read once, and in stretches, so that the process goes on answering. fails usage
 */
export async function readRows(
  source: RowSource,
  about: { readonly entries: EntryCache; readonly measures: readonly MeasureInfo[] },
  queries: readonly RowsQuery[],
): Promise<Row[][]> {
  const answerTo = (query: RowsQuery): Answer => ({
    query,
    asked: {
      levels: query.level.length > 0 ? query.level : ALL_LEVELS,
      part: modelPart(query),
    },
    found: [],
  });
  const answers = queries.map(answerTo);
  const norms = queries.map((query) =>
    query.per.length > 0 ? answerTo({ ...query, measure: [relativeNorm.info.id] }) : null,
  );
  const all = [...answers, ...norms.filter((answer) => answer !== null)];
  const pace = new Pace();
  const reading = { source, reader: new RowReader(source, await about.entries.read(source, pace)), pace };
  const { variants, pairs, sets } = source.measures;
  for (const { info } of [...variants, ...pairs, ...sets])
    if (all.some(({ query }) => wants(query, info.id))) await readMeasure(info.id, all, reading);
  return answers.map((answer, i) => {
    const own = norms[i];
    const rows = inOrder(answer, source);
    return own ? normMatchedRows(rows, about.measures, inOrder(own, source)) : rows;
  });
}
