import type { MapDocument, MapNote, MapTable } from '../../src-main/contract/map.ts';
import { NOTHING_HERE } from '../../src-main/contract/map.ts';
import type { Role, Row } from '../../src-main/contract/rows.ts';

type Value = Row['value'] | undefined;

/** A value of a planted map, by variant; undefined is nothing there. */
export interface PlantedPlace {
  readonly level?: MapDocument['places']['levels'][number];
  readonly layer: number | null;
  readonly module: string | null;
  readonly expert?: number;
  readonly tensors?: number;
  readonly values: Readonly<Record<string, Value | { value: Value; baseline: number }>>;
}

export interface PlantedColumn {
  readonly variant: string;
  readonly role: Role;
  readonly with?: string;
}

const REASON = 'planted reason';

function noteOf(hasValue: boolean, hasBaseline: boolean): MapNote {
  return {
    hasValue,
    hasBaseline,
    method: 'planted',
    parameters: {},
    dtype: 'BF16',
    reason: hasValue ? null : REASON,
  };
}

/** Notes 0 to 3: value and baseline as the two bits of the index say. */
const NOTES = [0, 1, 2, 3].map((bits) => noteOf((bits & 1) > 0, (bits & 2) > 0));

/** A map with planted values, as it is after the document was unpacked. */
export function mapTable(
  columns: readonly PlantedColumn[],
  places: readonly PlantedPlace[],
  module: string | null = null,
): MapTable {
  return {
    schema: 'polarimeter.map/1',
    study: 'planted',
    measure: 'update.norm',
    unit: 'share',
    module,
    places: {
      levels: places.map(({ level = module === null ? 'cell' : 'tensor' }) => level),
      layers: places.map(({ layer }) => layer),
      experts: places.map(({ expert = null }) => expert),
      modules: places.map((place) => place.module),
      tensors: places.map(({ tensors = 1 }) => tensors),
      names: places.map(({ layer, module: own }, i) => `tensor ${String(i)}: ${String(layer)} ${own ?? ''}`),
    },
    notes: NOTES,
    columns: columns.map(({ variant, role, with: partner = null }) => {
      const found = places.map(({ values }) => {
        const planted = values[partner === null ? variant : `${variant} ${partner}`];
        return typeof planted === 'object' && planted !== null ? planted : { value: planted, baseline: null };
      });
      return {
        variant,
        role,
        reference: 'base',
        with: partner,
        values: Float64Array.from(found, ({ value }) => Number(value)),
        baselines: Float64Array.from(found, ({ baseline }) => baseline ?? 0),
        tensors: Uint32Array.from(places, ({ tensors = 1 }) => tensors),
        notes: Uint32Array.from(found, ({ value, baseline }) =>
          value === undefined ? NOTHING_HERE : (value === null ? 0 : 1) + (baseline === null ? 0 : 2),
        ),
      };
    }),
  };
}
