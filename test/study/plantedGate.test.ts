import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Study } from '../../src-main/study/Study.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { writeAdapter } from '../fixtures/adapters.ts';
import { bf16Bits, writeCheckpoint } from '../fixtures/checkpoints.ts';
import { gaussian, plus, scale, type Matrix } from '../fixtures/matrix.ts';
import { PlantedStudies, PlantedStudy, stored, type PlantedDtype } from '../fixtures/plantedStudy.ts';

const [ROWS, COLS] = [96, 64];
const N = ROWS * COLS;
const NAME = 'model.layers.0.mlp.up_proj.weight';
const studies = new PlantedStudies();
const base = stored(scale(gaussian(ROWS, COLS, 1), 0.02), 'BF16');

/** Distance of bf16 numbers at w, away from zero. */
const step = (w: number): number => 2 ** (Math.floor(Math.log2(Math.abs(w))) - 7);

/** Weights moved away from zero by a part of their step. */
const moved = (w: Matrix, part: (i: number) => number): Matrix => ({
  ...w,
  values: w.values.map((x, i) => x + Math.sign(x) * part(i) * step(x)),
});

async function gate(reference: Matrix, variant: Matrix, types: readonly [PlantedDtype, PlantedDtype]) {
  const variants = { v: { model: { [NAME]: variant }, dtype: types[1] } };
  return await studies.run({ base: { [NAME]: reference }, variants, dtype: types[0], options: { k: 4 } });
}

describe('the half-step rule, exactly', () => {
  it.each<PlantedDtype>(['BF16', 'F32'])(
    'just below and above half a step, reference stored as %s',
    async (dtype) => {
      // A third each: swallowed, not swallowed, not moved at all.
      const part = (i: number): number => [0.499, 0.501, 0][i % 3] ?? 0;
      const found = await gate(base, moved(base, part), [dtype, 'F32']);
      expect(found.value('gate.swallowed')).toBe(0.5);
      expect(found.value('update.unchanged.native')).toBe(1 / 3);
      expect(found.value('update.unchanged.bf16')).toBe(2 / 3);
    },
  );

  it('a tie goes to the even code: half a step is swallowed there and not at odd ones', async () => {
    const found = await gate(base, moved(base, () => 0.5), ['BF16', 'F32']); // prettier-ignore
    const even = [...base.values].filter((x) => bf16Bits(x) % 2 === 0).length;
    expect(found.value('gate.swallowed')).toBe(even / N);
  });
});

describe('an isotropic float32 update', () => {
  it.each([
    ['BF16', 1e-4],
    ['BF16', 1e-5],
    ['F32', 1e-4],
    ['F32', 1e-5],
  ] as const)('of a reference in %s, rms %f: as many swallowed as the baseline says', async (dtype, rms) => {
    const reference = dtype === 'BF16' ? base : stored(scale(gaussian(ROWS, COLS, 1), 0.02), 'F32');
    const found = await gate(reference, plus(reference, scale(gaussian(ROWS, COLS, 2), rms)), [dtype, 'F32']);
    for (const id of ['gate.swallowed', 'update.unchanged.bf16']) {
      const chance = found.baseline(id);
      // Four deviations of independent weights, and the half as wide step below the lowest of each 128 codes.
      const within = 4 * Math.sqrt((chance * (1 - chance)) / N) + 1 / 128 / 4;
      expect(Math.abs(found.value(id) - chance), id).toBeLessThan(within);
    }
  });

  it('per unit of norm: what survives', async () => {
    const found = await gate(base, moved(base, (i) => (i % 4 === 0 ? 0.6 : 0.1)), ['BF16', 'F32']); // prettier-ignore
    const [row] = found.matched({ measure: ['gate.swallowed'], level: ['overall'] });
    expect(found.value('gate.swallowed')).toBe(0.75);
    const percent = 100 * found.value('update.relative-norm');
    expect(row?.value).toBeCloseTo(0.25 / percent, 9);
  });
});

describe('where there is nothing to swallow', () => {
  it('both sides in BF16: a reason, since the rounding has happened', async () => {
    const found = await gate(base, moved(base, (i) => i % 2), ['BF16', 'BF16']); // prettier-ignore
    expect(found.row('gate.swallowed').value).toBeNull();
    expect(found.row('gate.swallowed').reason).toContain('both sides are stored in BF16');
  });

  it('no change at all: a reason', async () => {
    const found = await gate(base, base, ['BF16', 'F32']);
    expect(found.row('gate.swallowed')).toMatchObject({ value: null, reason: 'no weight changed as stored' });
  });
});

describe('a low-rank adapter on a bf16 base', () => {
  it('loses the products that are below half a step', async () => {
    const home = join(studies.folder, 'adapter');
    // B A = b a^T / 2^14 with b, a in {1, 3}: products 1, 3, 9 over 2^14 (alpha / r = 1), all exact.
    const [b, a] = [(i: number) => (i % 2 === 0 ? 1 : 3), (j: number) => (j % 2 === 0 ? 1 : 3)];
    const reference = {
      ...base,
      values: base.values.map((x) => Math.sign(x) * (Math.abs(x) < 0.01 ? 0.0078125 : 0.03125)),
    };
    writeCheckpoint(join(home, 'base'), {
      tensors: [{ name: NAME, dtype: 'BF16', shape: [ROWS, COLS], data: reference.values }],
      config: { model_type: 'llama' },
    });
    const module = `base_model.model.${NAME.replace('.weight', '')}`;
    writeAdapter(join(home, 'adapter'), {
      config: { r: 1, lora_alpha: 1 },
      tensors: [
        {
          name: `${module}.lora_A.weight`,
          dtype: 'F32',
          shape: [1, COLS],
          data: Array.from({ length: COLS }, (_, j) => a(j) / 2 ** 7),
        },
        {
          name: `${module}.lora_B.weight`,
          dtype: 'F32',
          shape: [ROWS, 1],
          data: Array.from({ length: ROWS }, (_, i) => b(i) / 2 ** 7),
        },
      ],
    });
    using study = Study.create(join(home, 'study'), {
      schema: 'polarimeter.study/1',
      name: 'adapter',
      base: { path: join(home, 'base') },
      variants: [
        {
          label: 'v',
          role: 'rl',
          path: join(home, 'adapter'),
          from: 'base',
          adapterBase: null,
          run: null,
          step: null,
        },
      ],
      options: StudyOptions.parse({ k: 4 }),
      notes: [],
    });
    const found = await PlantedStudy.run(study, studies.kernels);
    // The rule spelled out: b(w + d) = b(w), in float64, where everything here is exact.
    const swallowed = [...reference.values].filter((w, at) => {
      const d = (b(Math.floor(at / COLS)) * a(at % COLS)) / 2 ** 14;
      return bf16Bits(w + d) === bf16Bits(w);
    }).length;
    expect(swallowed).toBeGreaterThan(0);
    expect(found.value('gate.swallowed')).toBe(swallowed / N);
    expect(found.value('rank.stable')).toBeCloseTo(1, 9);
  });
});
