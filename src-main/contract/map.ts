/** Every value of one measure at once, for maps of tens of thousands of tensors: columns and dictionaries instead of one object per row. */
import { z } from 'zod';
import { Role, type Row } from './rows.ts';
import { RowsQuery } from './routes.ts';

/** GET /api/studies/:id/map?measure=&per=&module= ; the reply is MapDocument */
export const MapQuery = z.object({
  measure: z.array(z.string()).length(1),
  per: RowsQuery.shape.per,
  /** Left out: a place is a module of a layer. Given: a place is a tensor of this module, such as one expert. */
  module: z.array(z.string()).max(1).default([]),
});
export type MapQuery = z.infer<typeof MapQuery>;

/** What many values have in common. */
export const MapNote = z.object({
  /** Whether there is a value, and a baseline; NaN and infinity are values. */
  hasValue: z.boolean(),
  hasBaseline: z.boolean(),
  method: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  dtype: z.string(),
  /** Why there is no value, or only one of a part. */
  reason: z.string().nullable(),
});
export type MapNote = z.infer<typeof MapNote>;

/** The note of a place that a measure does not apply to, or that is not computed yet. */
export const NOTHING_HERE = 0xffff_ffff;

/** cell: a module of a layer. layer, module: all of it, on the margins of the map, made as rows of that level are. */
const MAP_LEVELS = ['tensor', 'cell', 'layer', 'module'] as const;
export type MapLevel = (typeof MAP_LEVELS)[number];

export const MapDocument = z.object({
  schema: z.literal('polarimeter.map/1'),
  study: z.string(),
  measure: z.string(),
  unit: z.string(),
  /** The module whose tensors the places are; null when places are modules of layers. */
  module: z.string().nullable(),
  /** In the order of the model; aggregates over a whole layer or a whole module follow. */
  places: z.object({
    levels: z.array(z.enum(MAP_LEVELS)),
    layers: z.array(z.number().int().nullable()),
    /** Routed expert of a tensor; null for others, and for modules of layers. */
    experts: z.array(z.number().int().nullable()),
    /** Null for a whole layer. */
    modules: z.array(z.string().nullable()),
    /** How many tensors stand there, and the first of them. */
    tensors: z.array(z.number().int()),
    names: z.array(z.string()),
  }),
  notes: z.array(MapNote),
  /** One per variant, pair or set of variants; base64 of one number per place, little-endian. */
  columns: z.array(
    z.object({
      variant: z.string(),
      role: Role,
      reference: z.string(),
      /** The other variants of a pair or set. */
      with: z.string().nullable(),
      /** Float64; what stands where the note says that there is no value has no meaning. */
      values: z.string(),
      /** Float64; null where no place has one. */
      baselines: z.string().nullable(),
      /** Uint32: how many tensors are behind the value. */
      tensors: z.string(),
      /** Uint32: index into `notes`, or NOTHING_HERE. */
      notes: z.string(),
    }),
  ),
});
export type MapDocument = z.infer<typeof MapDocument>;

/** A column of the document with its numbers unpacked. */
export interface MapColumn extends Pick<
  MapDocument['columns'][number],
  'variant' | 'role' | 'reference' | 'with'
> {
  readonly values: Float64Array;
  readonly baselines: Float64Array | null;
  readonly tensors: Uint32Array;
  readonly notes: Uint32Array;
}

/** The document with its numbers at hand. */
export interface MapTable extends Omit<MapDocument, 'columns'> {
  readonly columns: readonly MapColumn[];
}

/** Browsers and the machines that Polarimeter runs on are little-endian, as the document is. */
function bytesOf(packed: string): ArrayBuffer {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

export function unpackMap(document: MapDocument): MapTable {
  const columns = document.columns.map(({ values, baselines, tensors, notes, ...column }) => ({
    ...column,
    values: new Float64Array(bytesOf(values)),
    baselines: baselines === null ? null : new Float64Array(bytesOf(baselines)),
    tensors: new Uint32Array(bytesOf(tensors)),
    notes: new Uint32Array(bytesOf(notes)),
  }));
  return { ...document, columns };
}

/** A number of a column as rows carry it. */
export function wordOr(value: number): NonNullable<Row['value']> {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
