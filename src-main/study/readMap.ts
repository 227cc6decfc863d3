import type { AlignedTensor } from '../contract/alignment.ts';
import { NOTHING_HERE, type MapDocument, type MapLevel, type MapQuery } from '../contract/map.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import { normMatchedInfo } from '../contract/normMatched.ts';
import type { Row } from '../contract/rows.ts';
import { alignmentCompared } from '../measures/alignmentCompared.ts';
import { relativeNorm } from '../measures/relativeNorm.ts';
import { aggregate } from './aggregate.ts';
import type { EntryCache } from './EntryCache.ts';
import { MapPlaces } from './MapPlaces.ts';
import { MapNotes } from './MapNotes.ts';
import { typesOf, type Cell } from './measureRows.ts';
import { mergeParameters } from './mergeParameters.ts';
import { matchedValue, PER_NORM_PARAMETER } from './normMatched.ts';
import { learnMeasure } from './learnMeasure.ts';
import { Pace } from './Pace.ts';
import { RowReader, type CellColumn, type RowSource } from './rows.ts';

/** A value of a map: of one tensor, or of several by the measure's own aggregation. */
type MapValue = Pick<Row, 'value' | 'baseline' | 'tensors' | 'method' | 'parameters' | 'dtype' | 'reason'>;

/** By index of the place; places without are not computed, or the measure does not apply there. */
type MapValues = ReadonlyMap<number, MapValue>;

type Located = Pick<AlignedTensor, 'tensor' | 'role'>;

interface Reading {
  readonly source: RowSource;
  readonly places: MapPlaces;
  readonly pace: Pace;
}

function valueOf(measure: CellColumn['measure'], cells: readonly Cell[], level: MapLevel): MapValue {
  const results = cells.map(({ result }) => result);
  const isTensor = level === 'tensor' || level === 'cell';
  const { value, baseline, tensors, method, reason } = aggregate(measure, results);
  return {
    value,
    baseline,
    tensors,
    method,
    parameters: mergeParameters(cells.map(({ parameters }) => parameters)),
    dtype: typesOf(cells),
    // A tensor that is compared in part has a value and a reason.
    reason: cells.length === 1 && isTensor ? (results[0]?.reason ?? null) : reason,
  };
}

async function readColumn({ measure, cells }: CellColumn, { places, pace }: Reading): Promise<MapValues> {
  const groups = new Map<number, Cell[]>();
  for (const cell of cells) {
    if (pace.isDue) await pace.rest();
    for (const index of places.of(cell.place.tensor)) {
      const group = groups.get(index);
      if (group) group.push(cell);
      else groups.set(index, [cell]);
    }
  }
  const values = new Map<number, MapValue>();
  for (const [index, group] of groups) {
    if (pace.isDue) await pace.rest();
    values.set(index, valueOf(measure, group, places.lists.levels[index] ?? 'tensor'));
  }
  return values;
}

const packed = (numbers: Float64Array | Uint32Array): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');

const isSomething = (value: Row['value']): value is NonNullable<Row['value']> => value !== null;

function packColumn(
  { column, together }: Pick<CellColumn, 'column' | 'together'>,
  values: MapValues,
  { count, notes }: { count: number; notes: MapNotes },
): MapDocument['columns'][number] {
  const numbers = new Float64Array(count);
  const baselines = new Float64Array(count);
  const tensors = new Uint32Array(count);
  const noted = new Uint32Array(count).fill(NOTHING_HERE);
  let hasBaselines = false;
  for (const [index, found] of values) {
    const { value, baseline, method, parameters, dtype, reason } = found;
    const [hasValue, hasBaseline] = [isSomething(value), isSomething(baseline)];
    if (hasValue) numbers[index] = Number(value);
    if (hasBaseline) baselines[index] = Number(baseline);
    hasBaselines ||= hasBaseline;
    tensors[index] = found.tensors;
    noted[index] = notes.indexOf({ hasValue, hasBaseline, method, parameters, dtype, reason });
  }
  const { variant, role, reference } = column;
  return {
    variant,
    role,
    reference,
    with: together,
    values: packed(numbers),
    baselines: hasBaselines ? packed(baselines) : null,
    tensors: packed(tensors),
    notes: packed(noted),
  };
}

/** Values per unit of the relative update norm at the same places; see normMatchedRows. */
function matchedValues(values: MapValues, info: MeasureInfo, norms: MapValues): MapValues {
  return new Map(
    [...values].map(([index, found]) => {
      const { value, reason } = matchedValue(found.value, info, norms.get(index)?.value ?? null);
      const parameters = { ...found.parameters, ...PER_NORM_PARAMETER };
      return [index, { ...found, value, reason: reason ?? found.reason, parameters, baseline: null }];
    }),
  );
}

/** Relative update norms by variant. */
async function readNorms(reader: RowReader, reading: Reading): Promise<Map<string, MapValues>> {
  await learnMeasure(reader, relativeNorm.info.id, reading);
  const norms = new Map<string, MapValues>();
  for (const column of reader.columns(relativeNorm.info.id))
    norms.set(column.column.variant, await readColumn(column, reading));
  return norms;
}

/** What a study compares, and for the measure of what is not compared that as well. */
function* tensorsOf({ items, alignments }: RowSource, { id }: MeasureInfo): Generator<Located> {
  yield* items;
  if (id !== alignmentCompared.info.id) return;
  for (const { tensors } of alignments.values()) yield* tensors;
}

/** One measure of every place in every variant, pair or set of variants. Other work of the process goes on while it is read. */
export async function readMap(
  source: RowSource,
  about: { readonly study: string; readonly info: MeasureInfo; readonly entries: EntryCache },
  { per, module }: Pick<MapQuery, 'per' | 'module'>,
): Promise<MapDocument> {
  const { study, info } = about;
  const places = new MapPlaces(tensorsOf(source, info), module[0] ?? null);
  const reading = { source, places, pace: new Pace() };
  const reader = new RowReader(source, await about.entries.read(source, reading.pace));
  await learnMeasure(reader, info.id, reading);
  const isMatched = per.length > 0 && info.normMatched !== 'invariant';
  const norms = isMatched ? await readNorms(reader, reading) : null;
  const packing = { count: places.count, notes: new MapNotes() };
  const columns: MapDocument['columns'] = [];
  for (const column of reader.columns(info.id)) {
    const found = await readColumn(column, reading);
    const values = norms ? matchedValues(found, info, norms.get(column.column.variant) ?? new Map()) : found;
    columns.push(packColumn(column, values, packing));
  }
  return {
    schema: 'polarimeter.map/1',
    study,
    measure: info.id,
    unit: (isMatched ? normMatchedInfo(info) : info).unit,
    module: module[0] ?? null,
    places: places.lists,
    notes: packing.notes.list,
    columns,
  };
}
