import { beforeAll, describe, expect, it } from 'vitest';
import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { gaussian, plus, scale } from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedModel, type PlantedStudy } from '../fixtures/plantedStudy.ts';

/** Tensors of very different sizes and updates, so that weighted and unweighted means are far apart. */
const SHAPES: readonly (readonly [name: string, rows: number, cols: number, update: number])[] = [
  ['model.layers.0.self_attn.q_proj.weight', 32, 32, 1e-5],
  ['model.layers.0.mlp.up_proj.weight', 96, 32, 1e-3],
  ['model.layers.0.input_layernorm.weight', 1, 32, 1e-4],
  ['model.layers.1.self_attn.q_proj.weight', 32, 32, 5e-4],
  ['model.layers.1.mlp.up_proj.weight', 96, 32, 3e-5],
  ['model.layers.1.input_layernorm.weight', 1, 32, 0],
  ['model.norm.weight', 1, 32, 1e-3],
];
const CONFIG = { model_type: 'llama', num_attention_heads: 4, hidden_size: 32, num_hidden_layers: 2 };
const model = (seed: number): PlantedModel =>
  Object.fromEntries(
    SHAPES.map(([name, rows, cols, update], i) => {
      const w = stored(scale(gaussian(rows, cols, i + 1), 0.02), 'BF16');
      return [name, seed === 0 ? w : plus(w, scale(gaussian(rows, cols, 100 * seed + i), update))];
    }),
  );
const elements = new Map(SHAPES.map(([name, rows, cols]) => [name, rows * cols]));
const studies = new PlantedStudies();
let found: PlantedStudy;
let rows: Row[];
let matched: Row[];
let infos: Map<string, MeasureInfo>;

beforeAll(async () => {
  const also = ['update.changed.tensor-mean', 'ww.stable_rank'];
  found = await studies.run({
    base: model(0),
    variants: { a: { model: model(1), role: 'rl' }, b: { model: model(2), role: 'rl' } },
    dtype: 'BF16',
    options: { k: 8, kSweep: [4], also },
    config: CONFIG,
  });
  rows = found.study.rows();
  matched = found.matched({});
  infos = new Map(found.study.measures().map((info) => [info.id, info]));
});

/** Rows of tensors with a value behind an aggregated row. */
function behind(row: Row): Row[] {
  return rows.filter(
    (each) =>
      each.level === 'tensor' &&
      each.measure === row.measure &&
      each.variant === row.variant &&
      each.parameters['with'] === row.parameters['with'] &&
      (row.level !== 'layer' || each.layer === row.layer) &&
      (row.level !== 'module' || each.module === row.module) &&
      each.value !== null,
  );
}

const valueOf = ({ value }: Row): number => Number(value);
const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
const mean = (all: readonly number[]): number => sum(all) / all.length;
const aggregated = (aggregation: MeasureInfo['aggregation']): Row[] =>
  rows.filter(
    (row) =>
      row.level !== 'tensor' && row.value !== null && infos.get(row.measure)?.aggregation === aggregation,
  );
const sameUpTo = (a: number, b: number, relative: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(relative * Math.max(Math.abs(a), Math.abs(b), 1e-300));

/** Sums of at most ten numbers in float64. */
const EXACT = 10 * 2 ** -52;

describe('values of layers, modules and the model are what their labels say', () => {
  it('unweighted mean over matrices', () => {
    const all = aggregated('unweighted-mean');
    expect(new Set(all.map(({ measure }) => measure)).size).toBeGreaterThan(35);
    for (const row of all) {
      const parts = behind(row);
      expect(row.tensors).toBe(parts.length);
      sameUpTo(valueOf(row), mean(parts.map(valueOf)), EXACT);
      if (row.baseline !== null)
        sameUpTo(Number(row.baseline), mean(parts.map(({ baseline }) => Number(baseline))), EXACT);
    }
  });

  it('every parameter once: shares of all weights, weighted with the size of their tensors', () => {
    // Counted over all weights of a tensor; one-step, overlaps and the gate are counted over changed ones.
    const counted = aggregated('parameter-weighted').filter(({ measure }) =>
      measure.startsWith('update.unchanged'),
    );
    expect(counted.length).toBeGreaterThan(40);
    for (const row of counted) {
      const parts = behind(row);
      const size = sum(parts.map(({ tensor }) => elements.get(tensor ?? '') ?? NaN));
      const weighted = sum(parts.map((part) => valueOf(part) * (elements.get(part.tensor ?? '') ?? NaN)));
      sameUpTo(valueOf(row), weighted / size, EXACT);
    }
    const share = found.row('update.unchanged.bf16', { variant: 'a' });
    expect(Math.abs(valueOf(share) - mean(behind(share).map(valueOf)))).toBeGreaterThan(0.05);
  });

  it('shares of changed weights, weighted with their number', () => {
    for (const id of ['update.one-step', 'overlap.one-sided']) {
      for (const row of rows.filter(({ measure, level }) => measure === id && level !== 'tensor')) {
        const parts = behind(row).map((part) => {
          const tensor = part.tensor ?? '';
          const size = elements.get(tensor) ?? NaN;
          const changed =
            size * (1 - found.value('update.unchanged.bf16', { tensor, variant: part.variant }));
          return [valueOf(part) * changed, changed] as const;
        });
        const expected = sum(parts.map(([hits]) => hits)) / sum(parts.map(([, changed]) => changed));
        // 1 - share loses digits of the share: eps over the smallest changed share.
        sameUpTo(valueOf(row), expected, 1e-12);
      }
    }
  });

  it('norms over all elements, maxima and totals', () => {
    for (const row of aggregated('root-sum-square').filter(({ measure }) => measure === 'update.norm'))
      sameUpTo(valueOf(row), Math.hypot(...behind(row).map(valueOf)), EXACT);
    for (const row of aggregated('maximum')) expect(valueOf(row)).toBe(Math.max(...behind(row).map(valueOf)));
    for (const row of aggregated('total')) expect(valueOf(row)).toBe(sum(behind(row).map(valueOf)));
  });

  it('ratios of sums', () => {
    const overNull = aggregated('ratio-of-sums').filter(({ measure }) => measure === 'masks.low.over-null');
    expect(overNull.length).toBeGreaterThan(4);
    for (const row of overNull) {
      const parts = behind(row).map((part) => {
        const share = found.value('masks.low', { tensor: part.tensor, variant: part.variant });
        return [share, share / valueOf(part)] as const;
      });
      sameUpTo(
        valueOf(row),
        sum(parts.map(([share]) => share)) / sum(parts.map(([, chance]) => chance)),
        2 * EXACT,
      );
    }
    for (const row of aggregated('ratio-of-sums').filter(
      ({ measure }) => measure === 'rank.one-norm-share',
    )) {
      const norm = ({ tensor, variant }: Row): number => found.value('update.norm', { tensor, variant });
      const parts = behind(row);
      // Norms of the element pass are float32 sums: 1e-6.
      sameUpTo(
        valueOf(row),
        sum(parts.map((part) => valueOf(part) * norm(part))) / sum(parts.map(norm)),
        1e-6,
      );
    }
  });

  it('medians and quartiles lie around the mean they belong to', () => {
    for (const row of aggregated('unweighted-mean')) {
      if (row.tensors < 2) expect(row.spread).toBeNull();
      else {
        const values = behind(row).map(valueOf);
        expect(row.spread?.q1).toBeGreaterThanOrEqual(Math.min(...values));
        expect(row.spread?.q3).toBeLessThanOrEqual(Math.max(...values));
      }
    }
  });
});

describe('rows per unit of update norm', () => {
  it('every value by the norm at its own place, complements where shares shrink with it', () => {
    expect(matched).toHaveLength(rows.length);
    const kinds = new Set<string>();
    matched.forEach((row, i) => {
      const plain = rows[i];
      const info = infos.get(row.measure);
      if (!plain || !info) throw new Error(row.measure);
      if (info.normMatched === 'invariant' || plain.value === null) {
        expect(row.value).toBe(plain.value);
        return;
      }
      const { level, tensor, layer, module, variant } = row;
      const norm = found.row('update.relative-norm', { level, tensor, layer, module, variant }).value;
      if (norm === 0) {
        expect(row.value).toBeNull();
        expect(row.reason).toContain('norm');
        return;
      }
      const value =
        info.normMatched === 'complement' && info.complement !== null ? 1 - valueOf(plain) : valueOf(plain);
      sameUpTo(valueOf(row), value / (100 * Number(norm)), EXACT);
      expect(row.unit).toContain('per 1 %');
      expect(row.baseline).toBeNull();
      kinds.add(`${info.normMatched} ${level}`);
    });
    expect(kinds.size).toBe(8);
  });

  it('two updates that differ by a factor alone have equal angles per norm, to first order', async () => {
    const base = model(0);
    const name = 'model.layers.0.mlp.up_proj.weight';
    const direction = scale(gaussian(96, 32, 77), 1e-6);
    const run = (factor: number) => ({ model: { ...base, [name]: plus(base[name]!, direction, factor) } });
    const two = await studies.run({
      base,
      variants: { small: run(1), large: run(10) },
      dtype: 'F64',
      options: { k: 8, measures: ['angles.left.median', 'update.relative-norm'] },
    });
    const [small, large] = ['small', 'large'].map((label) =>
      Number(
        two
          .matched({ measure: ['angles.left.median'], level: ['tensor'], variant: [label] })
          .find((row) => row.tensor === name)?.value,
      ),
    );
    // Second order: the larger angle, about 1e-3 radians times the inverse gap, relative.
    expect(Math.abs((small ?? NaN) / (large ?? NaN) - 1)).toBeLessThan(0.02);
  });
});
