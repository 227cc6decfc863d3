import { describe, expect, it } from 'vitest';
import { RowsDocument } from '../../src-main/contract/rows.ts';
import { runCommand } from '../cli/runCommand.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import {
  compose,
  entry,
  gaussian,
  matrix,
  orthonormal,
  plus,
  scale,
  type Matrix,
} from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedDtype, type PlantedStudy } from '../fixtures/plantedStudy.ts';

const [ROWS, COLS] = [96, 64];
const NAME = 'model.layers.0.mlp.up_proj.weight';
const GAP = 0.5;
/** Evenly spaced, so that every singular vector is well defined. */
const SIGMA = Array.from({ length: COLS }, (_, i) => 40 - GAP * i);
const Z = SIGMA.map((_, i) => 1 + 0.1 * Math.sin(i));
const u = orthonormal(gaussian(ROWS, ROWS, 1));
const v = orthonormal(gaussian(COLS, COLS, 2));
const across = (q: Matrix): Matrix => matrix(q.rows, COLS, (i, j) => entry(q, i, j));
const base = compose(across(u), SIGMA, v);
const rescaled = compose(
  across(u),
  SIGMA.map((s, i) => s * (Z[i] ?? NaN)),
  v,
);
const norm = ({ values }: Matrix): number => Math.hypot(...values);
const studies = new PlantedStudies();

const ALSO = { k: 8, also: ['svf.explained', 'svf.z-rms'] };
async function measure(variant: Matrix, dtype: PlantedDtype, options: object = ALSO): Promise<PlantedStudy> {
  const variants = { v: { model: { [NAME]: variant } } };
  return await studies.run({ base: { [NAME]: base }, variants, dtype, options });
}

describe.each<PlantedDtype>(['F64', 'F32', 'BF16'])(
  'an update by singular value fine-tuning, stored as %s',
  (dtype) => {
    const rounding = (w: Matrix): number => norm(plus(stored(w, dtype), w, -1));
    const [before, after] = [rounding(base), rounding(rescaled)];
    const update = plus(rescaled, base, -1);
    // Storage turns single directions by |E| / gap at most, and with them the diagonal update of norm |dW|, twice; and adds E itself.
    const turn = before / (GAP - before) + (ROWS * 2 ** -52 * 40) / GAP;
    const off = (before + after) / norm(update) + 2 * turn;

    it('is explained in full, up to what storage adds', async () => {
      const found = await measure(rescaled, dtype);
      const explained = found.value('svf.explained');
      expect(explained).toBeLessThanOrEqual(1 + 1e-9);
      expect(1 - explained).toBeLessThanOrEqual(off ** 2 + 1e-9);
      expect(found.baseline('svf.explained')).toBe(1 / ROWS);
    });

    it('has its z recovered', async () => {
      const found = await measure(rescaled, dtype);
      const z = found.study.curves(NAME).find(({ name }) => name === 'svf-z')?.values ?? [];
      expect(z).toHaveLength(COLS);
      const largest = Math.max(...SIGMA.map((s, i) => s * Math.abs((Z[i] ?? NaN) - 1)));
      z.forEach((value, i) => {
        // u_i^T dW v_i moves by the rounding, and by second order of the turn; curves are float32.
        const within = (before + after + 2 * turn ** 2 * largest) / (SIGMA[i] ?? NaN) + 2 ** -23;
        expect(Math.abs(Number(value) - (Z[i] ?? NaN)), `z ${String(i)}`).toBeLessThan(within);
      });
      const spread = Math.sqrt(Z.reduce((sum, each) => sum + (each - 1) ** 2, 0) / COLS);
      const most = (before + after + 2 * turn ** 2 * largest) / (SIGMA.at(-1) ?? NaN) + 1e-9;
      expect(Math.abs(found.value('svf.z-rms') - spread)).toBeLessThan(most);
    });
  },
);

describe('updates that it cannot make', () => {
  it('a rotation by theta out of the row space: the share sin(theta / 2)^2 that shrinks lengths, and no more', async () => {
    const theta = 0.2;
    const half = matrix(ROWS, COLS, (i, j) =>
      j < ROWS - COLS
        ? Math.cos(theta) * entry(u, i, j) + Math.sin(theta) * entry(u, i, COLS + j)
        : entry(u, i, j),
    );
    const found = await measure(compose(half, SIGMA, v), 'F64');
    // dW = (cos - 1) U S V^T + sin U' S V^T over the directions that turn.
    expect(found.value('svf.explained')).toBeCloseTo(Math.sin(theta / 2) ** 2, 9);
  });

  it('an isotropic update: at its baseline', async () => {
    const found = await measure(plus(base, scale(gaussian(ROWS, COLS, 5), 0.01)), 'F32');
    // 64 squares of normal numbers out of 6144: relative deviation sqrt(2 / 64).
    for (const [id, power] of [
      ['svf.explained', 1],
      ['svf.z-rms', 0.5],
    ] as const) {
      const ratio = found.value(id) / found.baseline(id);
      // Small singular values weigh most in z: the sum of 1 / s^4 over the square of that of 1 / s^2.
      const sum = (p: number): number => SIGMA.reduce((total, s) => total + s ** -p, 0);
      const weight = power === 1 ? 1 / COLS : sum(4) / sum(2) ** 2;
      expect(Math.abs(ratio - 1), id).toBeLessThan(4 * power * Math.sqrt(2 * weight) + 0.02);
    }
  });

  it('no update: no share of it, and z = 1', async () => {
    const found = await measure(base, 'BF16');
    expect(found.row('svf.explained')).toMatchObject({ value: null, reason: 'the update is exactly zero' });
    expect(found.value('svf.z-rms')).toBe(0);
  });
});

describe('optional measures', () => {
  it('are not computed unless they are asked for', async () => {
    const found = await measure(rescaled, 'F32', { k: 8 });
    for (const id of ['svf.explained', 'ww.alpha', 'update.changed.tensor-mean'])
      expect(found.rows(id)).toEqual([]);
    expect(found.study.curves(NAME).some(({ name }) => name === 'svf-z')).toBe(false);
  });

  it('are by compare --also, whole groups at once', async () => {
    const home = `${studies.folder}/cli`;
    for (const [label, data] of [
      ['base', base],
      ['tuned', rescaled],
    ] as const)
      writeCheckpoint(`${home}/${label}`, {
        tensors: [{ name: NAME, dtype: 'F32', shape: [ROWS, COLS], data: data.values }],
      });
    const typed = ['compare', 'base', '--rl', 'tuned', '--also', 'svf,ww', '--json', '--out', 'study'];
    const { code, stdout, stderr } = await runCommand(home, ...typed);
    expect(code, stderr).toBe(0);
    const { rows } = RowsDocument.parse(JSON.parse(stdout));
    const value = (id: string): number => Number(rows.find(({ measure: own }) => own === id)?.value);
    expect(value('svf.explained')).toBeGreaterThan(0.999);
    expect(value('ww.alpha')).toBeGreaterThan(1);
    expect(value('ww.log_spectral_norm')).toBeCloseTo(
      2 * Math.log10(Math.max(...SIGMA.map((s, i) => s * (Z[i] ?? NaN)))),
      6,
    );
    const squares = SIGMA.map((s, i) => (s * (Z[i] ?? NaN)) ** 2);
    expect(value('ww.stable_rank')).toBeCloseTo(squares.reduce((a, b) => a + b, 0) / Math.max(...squares), 5);
    expect(rows.some(({ measure: own }) => own === 'angles.left.median')).toBe(true);
  });
});
