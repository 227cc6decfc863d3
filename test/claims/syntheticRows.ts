import type { Role, Row } from '../../src-main/contract/rows.ts';
import type { StudyFile } from '../../src-main/contract/study.ts';
import { Variant } from '../../src-main/contract/study.ts';
import { row } from '../figures/rows.ts';

/** A value of one measure, the same in every tensor unless `of` says otherwise. */
export interface Planted {
  readonly value: number;
  readonly baseline?: number;
  readonly dtype?: string;
  /** Value of the tensor with this index and module. */
  readonly of?: (index: number, module: string) => number;
}

export interface Run {
  readonly label: string;
  readonly role: Role;
  readonly from?: string;
  readonly run?: string;
  readonly step?: number;
  readonly path?: string;
  readonly values: Readonly<Record<string, Planted | number>>;
}

export interface Pair {
  readonly a: string;
  readonly b: string;
  readonly measure: string;
  readonly value: number;
  readonly baseline: number;
}

const MODULES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'input_layernorm'];
const LAYERS = 6;

const places = Array.from({ length: LAYERS }, (_, layer) =>
  MODULES.map((module) => ({ layer, module, tensor: `model.layers.${String(layer)}.${module}.weight` })),
).flat();

function planted(one: Planted | number): Planted {
  return typeof one === 'number' ? { value: one } : one;
}

function measureRows(run: Run, measure: string, one: Planted, partner: string | null = null): Row[] {
  const shared = {
    variant: run.label,
    role: run.role,
    reference: run.from ?? 'base',
    measure,
    unit: 'share',
    baseline: one.baseline ?? null,
    dtype: one.dtype ?? 'BF16',
    parameters: partner === null ? {} : { with: partner },
  };
  const tensors = places.map((place, index) =>
    row({ ...shared, ...place, level: 'tensor', value: one.of?.(index, place.module) ?? one.value }),
  );
  const nowhere = { tensor: null, layer: null, module: null };
  return [row({ ...shared, ...nowhere, level: 'overall', value: one.value }), ...tensors];
}

/** Rows and variants of a study of 30 tensors in which every number is given. */
export function syntheticRows(
  runs: readonly Run[],
  pairs: readonly Pair[] = [],
): { rows: Row[]; variants: StudyFile['variants'] } {
  const single = runs.flatMap((run) =>
    Object.entries(run.values).flatMap(([measure, one]) => measureRows(run, measure, planted(one))),
  );
  const double = pairs.flatMap(({ a, b, measure, value, baseline }) => {
    const run = runs.find(({ label }) => label === a);
    return run ? measureRows(run, measure, { value, baseline }, b) : [];
  });
  const variants = runs.map(({ label, role, from, run, step, path }) =>
    Variant.parse({ label, role, path: path ?? `/${label}`, from, run: run ?? null, step: step ?? null }),
  );
  return { rows: [...single, ...double], variants };
}
