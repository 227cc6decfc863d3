import { describe, expect, it } from 'vitest';
import { bf16Bits, bf16Value } from '../fixtures/checkpoints.ts';
import { randomSubset } from '../fixtures/evidence.ts';
import { entry, gaussian, matrix, scale, type Matrix } from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedDtype, type PlantedStudy } from '../fixtures/plantedStudy.ts';

const [HEADS, SIZE, HIDDEN] = [4, 16, 48];
const CHANNELS = HEADS * SIZE;
const ATTENTION = 'model.layers.0.self_attn';
const [Q, K, O] = ['q_proj', 'k_proj', 'o_proj'].map((module) => `${ATTENTION}.${module}.weight`) as [
  string,
  string,
  string,
];
const CONFIG = {
  model_type: 'llama',
  num_hidden_layers: 1,
  hidden_size: HIDDEN,
  num_attention_heads: HEADS,
  num_key_value_heads: 2,
  head_dim: SIZE,
};
const studies = new PlantedStudies();

const weights = (rows: number, cols: number, seed: number): Matrix =>
  stored(scale(gaussian(rows, cols, seed), 0.02), 'BF16');
const base = {
  [Q]: weights(CHANNELS, HIDDEN, 1),
  [K]: weights(CHANNELS / 2, HIDDEN, 2),
  [O]: weights(HIDDEN, CHANNELS, 3),
};

/** w with one bf16 step at some entries; as F32 every other entry moves too, by less than bf16 can hold. */
function stepped(w: Matrix, dtype: PlantedDtype, at: (i: number, j: number) => boolean): Matrix {
  const hidden = dtype === 'BF16' ? 1 : 1 + 2 ** -12;
  return matrix(w.rows, w.cols, (i, j) => {
    const value = entry(w, i, j);
    return at(i, j) ? bf16Value(bf16Bits(value) + 1) : value * hidden;
  });
}

/** Changes in the head channels that are given, whatever the axis they lie on: rows of q and k, columns of o. */
async function changed(dtype: PlantedDtype, channel: (i: number) => boolean): Promise<PlantedStudy> {
  const model = {
    [Q]: stepped(base[Q]!, dtype, (i) => channel(i)),
    [K]: stepped(base[K]!, dtype, (i) => channel(i)),
    [O]: stepped(base[O]!, dtype, (_, j) => channel(j)),
  };
  return await studies.run({ base, variants: { v: { model, dtype } }, dtype, config: CONFIG });
}

describe.each<PlantedDtype>(['BF16', 'F32'])('changes in whole channels, stored as %s', (dtype) => {
  it('of two heads: stripes follow the heads, on rows of q and columns of o', async () => {
    const found = await changed(dtype, (i) => i < 2 * SIZE);
    // Half of the m channels hold n changes each, the others none: m n^2 / 4 over (m - 1) n / 4.
    const striped = (CHANNELS * HIDDEN) / (CHANNELS - 1);
    expect(found.value('stripes.rows', { tensor: Q })).toBeCloseTo(striped, 12);
    expect(found.value('stripes.columns', { tensor: Q })).toBe(0);
    expect(found.value('stripes.columns', { tensor: O })).toBeCloseTo(striped, 12);
    expect(found.value('stripes.rows', { tensor: O })).toBe(0);
    expect(found.baseline('stripes.rows', { tensor: Q })).toBeCloseTo(
      (CHANNELS * HIDDEN) / (CHANNELS * HIDDEN - 1),
      14,
    );
    for (const tensor of [Q, O]) {
      expect(found.value('stripes.heads', { tensor })).toBeCloseTo(1, 14);
      expect(found.row('stripes.heads', { tensor }).parameters).toMatchObject({
        heads: HEADS,
        head_size: SIZE,
      });
    }
    // All of k changed: nothing to see in it.
    expect(found.row('stripes.rows', { tensor: K }).reason).toContain('every weight changed');
    const parameters = found.row('stripes.heads', { level: 'overall' }).parameters;
    expect(parameters).toMatchObject({ heads: '2 to 4', head_size: SIZE });
  });

  it('of one channel of every head: as uneven, but not by heads', async () => {
    const found = await changed(dtype, (i) => i % SIZE === 3);
    for (const [tensor, axis, channels] of [
      [Q, 'rows', CHANNELS],
      [K, 'rows', CHANNELS / 2],
      [O, 'columns', CHANNELS],
    ] as const) {
      expect(found.value(`stripes.${axis}`, { tensor })).toBeCloseTo(
        (channels * HIDDEN) / (channels - 1),
        12,
      );
      expect(found.value('stripes.heads', { tensor })).toBeCloseTo(0, 14);
    }
  });

  it('of half a head: the share between heads that is derived by hand', async () => {
    const found = await changed(dtype, (i) => i < SIZE / 2);
    // In units of n^2: 64 / 8 * 7 / 8 = 7 in all; between heads 16 ((1/2 - 1/8)^2 + 3 (1/8)^2) = 3.
    for (const tensor of [Q, O]) expect(found.value('stripes.heads', { tensor })).toBeCloseTo(3 / 7, 13);
    // Curves hold what the indices are made of.
    const rows = found.study.curves(Q).find(({ name }) => name === 'row-changed')?.values;
    expect(rows).toEqual(Array.from({ length: CHANNELS }, (_, i) => (i < SIZE / 2 ? HIDDEN : 0)));
  });

  it('as many changes at random: every index at its baseline', async () => {
    const chosen = randomSubset(CHANNELS * HIDDEN, 1000, 5);
    const at = (i: number, j: number, cols: number): boolean => chosen.has(i * cols + j);
    const model = {
      ...base,
      [Q]: stepped(base[Q]!, dtype, (i, j) => at(i, j, HIDDEN)),
      [O]: stepped(base[O]!, dtype, (i, j) => at(i, j, CHANNELS)),
    };
    const found = await studies.run({ base, variants: { v: { model, dtype } }, dtype, config: CONFIG });
    // Four standard deviations, as the baselines themselves state them.
    const index = (channels: number): number => 4 * Math.sqrt(2 / (channels - 1));
    for (const tensor of [Q, O]) {
      for (const [id, within] of [
        ['stripes.rows', index(tensor === Q ? CHANNELS : HIDDEN)],
        ['stripes.columns', index(tensor === Q ? HIDDEN : CHANNELS)],
      ] as const)
        expect(Math.abs(found.value(id, { tensor }) - found.baseline(id, { tensor })), id).toBeLessThan(
          within,
        );
      const chance = found.baseline('stripes.heads', { tensor });
      expect(chance).toBeCloseTo((HEADS - 1) / (CHANNELS - 1), 14);
      const spread = 4 * Math.sqrt((2 * chance * (1 - chance)) / (CHANNELS + 1));
      expect(Math.abs(found.value('stripes.heads', { tensor }) - chance)).toBeLessThan(spread);
      expect(found.value('update.unchanged.bf16', { tensor })).toBe(
        (CHANNELS * HIDDEN - 1000) / (CHANNELS * HIDDEN),
      );
    }
    expect(found.row('stripes.rows', { tensor: K }).reason).toContain('no weight changed');
  });
});
