import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { TensorInfo, TensorRole } from '../../src-main/contract/checkpoint.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { computeItem } from '../../src-main/study/computeItem.ts';
import { readBytes } from '../../src-main/study/cost.ts';
import { fileState } from '../../src-main/study/fileState.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { filesBehind, inScope, measureKey, type TensorItem } from '../../src-main/study/plan.ts';
import { ProgressMeter } from '../../src-main/study/ProgressMeter.ts';
import type { Run } from '../../src-main/study/run.ts';
import { Store } from '../../src-main/study/Store.ts';
import type { tensorSource } from '../../src-main/tensors/tensorSource.ts';
import { writeMatrix } from '../kernels/tensorFile.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { must } from '../../src-main/base/assert.ts';
import { spectralNeeds, wantedMeasures } from '../../src-main/study/wanted.ts';

const [ROWS, COLS, RANK, FACTOR] = [24, 16, 3, 0.5];

const folder = mkdtempSync(join(tmpdir(), 'derived-'));
const kernels = new Kernels();
const open: Store[] = [];
afterEach(() => {
  for (const store of open.splice(0)) store[Symbol.dispose]();
});
afterAll(() => {
  kernels[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Rows = readonly (readonly number[])[];

/** Small integers, all different rows. */
const numbers = (rows: number, cols: number, seed: number): Rows =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: cols }, (__, j) => ((i * 7 + j * 5 + i * j * seed + seed) % 11) - 5),
  );

function store(name: string, dtype: 'BF16' | 'F64', rows: Rows): TensorInfo {
  const shape = [rows.length, rows[0]?.length ?? 0];
  const file = join(folder, name);
  writeMatrix(file, dtype, rows);
  const bytes = rows.length * (rows[0]?.length ?? 0) * (dtype === 'F64' ? 8 : 2);
  return { name: 'w', dtype, shape, file, offset: 0, bytes };
}

const values = {
  base: numbers(ROWS, COLS, 1),
  up: numbers(ROWS, RANK, 2),
  down: numbers(RANK, COLS, 3),
};
const base = store('base', 'BF16', values.base);
const up = store('up', 'BF16', values.up);
const down = store('down', 'BF16', values.down);
const adapted: TensorInfo = {
  ...base,
  dtype: 'BF16 + LoRA',
  bytes: base.bytes + up.bytes + down.bytes,
  derived: { kind: 'low-rank', base, up, down, factor: FACTOR, transposed: false },
};
/** The same elements, stored; exact in float64. */
const merged = store(
  'merged',
  'F64',
  values.base.map((row, i) =>
    row.map(
      (value, j) =>
        value +
        FACTOR * (values.up[i] ?? []).reduce((sum, x, k) => sum + x * (values.down[k]?.[j] ?? NaN), 0),
    ),
  ),
);

const role: TensorRole = {
  tensor: 'w',
  layer: 0,
  module: 'q_proj',
  parameter: 'weight',
  kind: 'matrix',
  heads: null,
  expert: null,
  tiedTo: null,
};

const OPTIONS = StudyOptions.parse({ k: 2, tolerances: [], kSweep: [] });

const itemOf = (tensor: TensorInfo): TensorItem => ({
  tensor: 'w',
  role,
  rows: ROWS,
  cols: COLS,
  k: 2,
  notSpectral: null,
  spectral: spectralNeeds(wantedMeasures(OPTIONS).variants),
  comparisons: [{ variant: 'v', from: 'base', reference: base, tensor }],
});

let runs = 0;
function runOf(results: Store, files: readonly string[]): Run {
  const budget = new MemoryBudget(2 ** 30);
  return {
    kernels,
    store: results,
    budget,
    meter: new ProgressMeter(budget, () => undefined),
    signal: new AbortController().signal,
    measures: wantedMeasures(OPTIONS),
    options: OPTIONS,
    sets: [],
    identities: new Map(files.map((path) => [path, fileState(path)])),
    hashing: new Map(),
  };
}

function newStore(): Store {
  const results = new Store(mkdtempSync(join(folder, `store-${String(runs++)}-`)));
  open.push(results);
  return results;
}

async function compute(tensor: TensorInfo, results: Store) {
  const item = itemOf(tensor);
  const run = runOf(results, item.comparisons.flatMap(filesBehind));
  const outcome = await computeItem(item, run);
  const [binding] = results.bindings();
  const comparison = must(item.comparisons[0], item.tensor);
  const parts = run.measures.variants
    .filter((measure) => measure.needs.length > 0 && inScope(measure, item, comparison))
    .map((measure) => {
      const stored = results.results(measureKey(measure, item)).get(binding?.pair ?? '');
      return [measure.info.id, stored?.parts, stored?.baseline] as const;
    });
  return { outcome, binding, parts };
}

describe('a derived tensor in a study', () => {
  it('has the results of the same elements stored', async () => {
    const [derived, stored] = [await compute(adapted, newStore()), await compute(merged, newStore())];
    expect(derived.parts.length).toBeGreaterThan(5);
    expect(derived.parts).toEqual(stored.parts);
    expect(derived.parts.every(([, parts]) => parts !== undefined)).toBe(true);
  });

  it('is current as long as every file behind it is, and computed once', async () => {
    const results = newStore();
    const { binding, outcome } = await compute(adapted, results);
    expect(outcome.cached).toBe(false);
    expect(binding?.identity.split('|')).toEqual([base, base, up, down].map(({ file }) => fileState(file)));
    const again = await compute(adapted, results);
    expect(again.outcome.cached).toBe(true);
    expect(again.binding).toEqual(binding);
  });

  it('is another one with another factor, and the same wherever its parts lie', async () => {
    const results = newStore();
    const { binding } = await compute(adapted, results);
    if (adapted.derived?.kind !== 'low-rank') throw new Error('not low-rank');
    const weaker = { ...adapted, derived: { ...adapted.derived, factor: 0.25 } };
    expect((await compute(weaker, results)).binding?.pair).not.toBe(binding?.pair);
    const moved = { ...adapted, derived: { ...adapted.derived, up: store('up-too', 'BF16', values.up) } };
    const elsewhere = await compute(moved, results);
    expect(elsewhere.binding?.pair).toBe(binding?.pair);
    expect(elsewhere.outcome.cached).toBe(true);
  });

  it('has stored parts that are hashed once, also where several wait for them', async () => {
    const results = newStore();
    const slices = [0, 1, 2, 3].map((i): TensorInfo => ({
      ...base,
      shape: [ROWS / 4, COLS],
      derived: {
        kind: 'strided',
        of: base,
        start: i * (ROWS / 4) * COLS,
        rows: { sizes: [ROWS / 4], strides: [COLS] },
        cols: { sizes: [COLS], strides: [1] },
      },
    }));
    const hashed: string[] = [];
    const counting = {
      ...runOf(results, [base.file]),
      measures: { variants: [], pairs: [], sets: [] },
      kernels: Object.assign(Object.create(kernels) as Kernels, {
        contentHash: (source: ReturnType<typeof tensorSource>) => {
          hashed.push(source.name);
          return kernels.contentHash(source);
        },
      }),
    };
    const items = slices.map((slice, i) => ({
      ...itemOf(slice),
      tensor: `w${String(i)}`,
      comparisons: [{ variant: 'v', from: 'base', reference: slice, tensor: slice }],
    }));
    await Promise.all(items.map((item) => computeItem(item, counting)));
    expect(hashed).toEqual(['w']);
    expect(new Set(results.bindings().map(({ pair }) => pair)).size).toBe(4);
  });

  it('costs what reading it touches', () => {
    expect(readBytes(adapted)).toBe(base.bytes + up.bytes + down.bytes);
    const axis = { sizes: [COLS], strides: [1] };
    const row: TensorInfo = {
      ...base,
      shape: [1, COLS],
      derived: { kind: 'strided', of: base, start: 0, rows: { sizes: [], strides: [] }, cols: axis },
    };
    expect(readBytes(row)).toBe(2 * COLS);
  });
});
