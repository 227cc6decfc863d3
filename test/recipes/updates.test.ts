import { describe, expect, it } from 'vitest';
import { bf16Bits, bf16Value } from '../fixtures/checkpoints.ts';
import { compose, entry, matrix, plus, product, scale, transpose, type Matrix } from '../fixtures/matrix.ts';
import { apart, frobenius, plainSvd, triplets } from '../fixtures/plainSvd.ts';
import { ALGEBRAS, kitchen, randomModel, withTensors } from '../fixtures/recipeModels.ts';

const base = randomModel(1);
const NAME = 'model.layers.0.self_attn.q_proj.weight';
const NORM = 'model.layers.0.input_layernorm.weight';
const B = base.tensors.get(NAME)!;
const update = scale(randomModel(3).tensors.get(NAME)!, 0.1);
const tuned = withTensors(
  base,
  [...base.tensors].map(([name, w]) => [name, name === NAME ? plus(w, update) : plus(w, scale(w, 0.01))]),
);
const T = tuned.tensors.get(NAME)!;
const other = randomModel(5);
const X = other.tensors.get(NAME)!;

describe.each(ALGEBRAS)('with %s algebra', (algebra) => {
  const { make } = kitchen({ tuned, base, other }, { algebra });
  const edited = async (edit: Readonly<Record<string, unknown>>, name = NAME): Promise<Matrix> =>
    (await make([{ tensors: { names: [NAME, NORM] }, ...edit }])).tensors.get(name)!;

  describe('interpolate', () => {
    it.each([-0.5, 0.25, 0.7, 1.5])('goes %f of the way, vectors as well', async (amount) => {
      for (const name of [NAME, NORM]) {
        const [t, x] = [tuned.tensors.get(name)!, other.tensors.get(name)!];
        const found = await edited({ edit: 'interpolate', to: 'other', amount }, name);
        expect(apart(found, plus(t, plus(x, t, -1), amount))).toBeLessThan(1e-15);
      }
    });

    it('of 0 is the target, of 1 the other, bit for bit and without a file', async () => {
      for (const [amount, expected] of [
        [0, T],
        [1, X],
      ] as const) {
        const { checkpoint, tensors } = await make([{ edit: 'interpolate', to: 'other', amount }]);
        expect(checkpoint.recipe?.made).toEqual([]);
        expect(tensors.get(NAME)).toEqual(expected);
      }
    });
  });

  describe('scale-update', () => {
    it.each([-1, 0.7, 2])('multiplies the update by %f', async (factor) => {
      const found = await edited({ edit: 'scale-update', since: 'base', factor });
      expect(apart(found, plus(B, update, factor))).toBeLessThan(1e-14);
    });

    it('of 1 is the target, of 0 the base', async () => {
      expect(await edited({ edit: 'scale-update', since: 'base', factor: 1 })).toEqual(T);
      expect(await edited({ edit: 'scale-update', since: 'base', factor: 0 })).toEqual(B);
    });
  });

  describe('truncate-update', () => {
    it.each([1, 4, '50 %'])('keeps the %s leading directions of the update', async (rank) => {
      const count = rank === '50 %' ? 6 : Number(rank);
      const found = await edited({
        edit: 'truncate-update',
        since: 'base',
        rank,
        tensors: { names: [NAME] },
      });
      expect(apart(found, plus(B, triplets(update, 0, count)))).toBeLessThan(1e-13);
      const step = plainSvd(plus(found, B, -1)).s;
      expect(step[count]! / step[0]!).toBeLessThan(1e-12);
    });

    it('restores the Frobenius norm of the update', async () => {
      const edit = {
        edit: 'truncate-update',
        since: 'base',
        rank: 1,
        norm: 'restored',
        tensors: { names: [NAME] },
      };
      const found = plus(await edited(edit), B, -1);
      expect(frobenius(found) / frobenius(update)).toBeCloseTo(1, 12);
      expect(
        apart(found, scale(triplets(update, 0, 1), frobenius(update) / plainSvd(update).s[0]!)),
      ).toBeLessThan(1e-12);
    });

    it('of all directions is the target, of none the base', async () => {
      expect(await edited({ edit: 'truncate-update', since: 'base', rank: 12, tensors: {} })).toEqual(T);
      expect(await edited({ edit: 'truncate-update', since: 'base', rank: 0, tensors: {} })).toEqual(B);
    });

    it('of no update is the base: there is no norm to restore', async () => {
      const same = kitchen({ tuned: base, base }, { algebra });
      const { tensors } = await same.make([
        { edit: 'truncate-update', since: 'base', rank: 1, norm: 'restored' },
      ]);
      expect(tensors.get(NAME)).toEqual(B);
    });
  });

  const code = (value: number): number => bf16Value(bf16Bits(value));

  /** Where the result is the target and where the base; anything else is NaN. */
  function maskOf(found: Matrix): Matrix {
    return matrix(found.rows, found.cols, (i, j) => {
      const value = entry(found, i, j);
      return value === entry(T, i, j) ? 1 : value === entry(B, i, j) ? 0 : NaN;
    });
  }

  /** 1 for the share of largest entries. */
  function topMask(of: Matrix, share: number, sign: number): Matrix {
    const order = [...of.values.keys()].sort(
      (a, b) => sign * (Math.abs(of.values[b]!) - Math.abs(of.values[a]!)),
    );
    const chosen = new Set(order.slice(0, Math.round(share * order.length)));
    return matrix(of.rows, of.cols, (i, j) => Number(chosen.has(i * of.cols + j)));
  }

  describe('mask-update', () => {
    const masked = async (mask: unknown, complement = false): Promise<Matrix> =>
      maskOf(
        await edited({ edit: 'mask-update', since: 'base', mask, complement, tensors: { names: [NAME] } }),
      );

    it('keeps the update where the principal part of the base is large', async () => {
      const expected = topMask(triplets(B, 0, 3), 0.3, 1);
      expect(await masked({ kind: 'principal', share: 0.3, rank: 3 })).toEqual(expected);
      const inverse = await masked({ kind: 'principal', share: 0.3, rank: 3 }, true);
      expect(inverse.values).toEqual(expected.values.map((value) => 1 - value));
    });

    it('keeps the update where the base is small', async () => {
      expect(await masked({ kind: 'low-magnitude', share: 0.4 })).toEqual(topMask(B, 0.4, -1));
    });

    it('keeps the update where another run changed the bf16 value', async () => {
      const few = withTensors(base, [
        [NAME, matrix(B.rows, B.cols, (i, j) => entry(B, i, j) * ((i + j) % 5 === 0 ? 1.1 : 1))],
      ]);
      const runs = kitchen({ tuned, base, few }, { algebra });
      const edit = {
        edit: 'mask-update',
        since: 'base',
        mask: { kind: 'changed-by', by: 'few' },
        tensors: { names: [NAME] },
      };
      const found = maskOf((await runs.make([edit])).tensors.get(NAME)!);
      const expected = matrix(B.rows, B.cols, (i, j) =>
        Number(code(entry(few.tensors.get(NAME)!, i, j)) !== code(entry(B, i, j))),
      );
      expect(found).toEqual(expected);
      expect(found.values.filter((value) => value === 1).length).toBeGreaterThan(20);
    });

    it('at random keeps exactly the share, the same for the same seed and another for another', async () => {
      const edit = {
        edit: 'mask-update',
        since: 'base',
        mask: { kind: 'random', share: 0.25 },
        tensors: { names: [NAME] },
      };
      const draw = async (seed: number): Promise<Matrix> =>
        maskOf((await make([edit], { seed })).tensors.get(NAME)!);
      const [first, second] = [await draw(1), await draw(2)];
      expect(first.values.filter((value) => value === 1)).toHaveLength(48);
      expect(await draw(1)).toEqual(first);
      expect(second).not.toEqual(first);
    });
  });

  describe('svf', () => {
    const svf = async (experts: unknown, more = {}): Promise<Matrix> =>
      await edited({ edit: 'svf', experts, tensors: { names: [NAME] }, ...more });
    const own = plainSvd(T);
    const scaled = (z: (i: number) => number): Matrix =>
      compose(
        own.u,
        own.s.map((s, i) => s * z(i)),
        own.v,
      );

    it('scales singular values by what is given, the leading ones first and the rest by 1', async () => {
      expect(apart(await svf([{ z: 0.5 }]), scale(T, 0.5))).toBeLessThan(1e-13);
      expect(
        apart(
          await svf([{ z: [2, 0.5] }]),
          scaled((i) => [2, 0.5][i] ?? 1),
        ),
      ).toBeLessThan(1e-13);
      expect(apart(await svf([{ z: 1 }]), T)).toBeLessThan(1e-15);
    });

    it('fits the factors of a variant: u_i^T W v_i / sigma_i', async () => {
      const frame = product(transpose(own.u), product(X, own.v));
      expect(
        apart(
          await svf([{ fit: 'other' }]),
          scaled((i) => entry(frame, i, i) / own.s[i]!),
        ),
      ).toBeLessThan(1e-12);
    });

    it('fits what was planted', async () => {
      const planted = withTensors(base, [[NAME, scaled((i) => 1 + 0.01 * i)]]);
      const own = kitchen({ tuned, planted }, { algebra });
      const { tensors } = await own.make([
        { edit: 'svf', experts: [{ fit: 'planted' }], tensors: { names: [NAME] } },
      ]);
      expect(apart(tensors.get(NAME)!, planted.tensors.get(NAME)!)).toBeLessThan(1e-13);
    });

    it('composes experts by their weights', async () => {
      const found = await svf([
        { z: [3], weight: 0.5 },
        { z: [1, 2], weight: 0.5 },
      ]);
      expect(
        apart(
          found,
          scaled((i) => [2, 1.5][i] ?? 1),
        ),
      ).toBeLessThan(1e-13);
    });

    it('restores the sum of singular values', async () => {
      const found = plainSvd(await svf([{ z: [3, 0.2] }], { norm: 'nuclear' })).s;
      const sum = (s: readonly number[]): number => s.reduce((total, value) => total + value, 0);
      expect(sum(found) / sum(own.s)).toBeCloseTo(1, 12);
    });

    it('leaves alone directions below the floor', async () => {
      const floor = (own.s[5]! * 0.5 + own.s[6]! * 0.5) / own.s[0]!;
      expect(
        apart(
          await svf([{ z: 2 }], { floor }),
          scaled((i) => (i < 6 ? 2 : 1)),
        ),
      ).toBeLessThan(1e-13);
    });
  });

  describe('matched-step', () => {
    const like = [{ edit: 'restore', from: 'base', top: 3, tensors: { names: [NAME] } }];
    const repair = async (): Promise<Matrix> => plus(await edited({ ...like[0]! }), T, -1);

    it('is as long as the repair, straight to another input', async () => {
      const { tensors } = await make([{ edit: 'matched-step', like, direction: { to: 'base' } }]);
      const step = plus(tensors.get(NAME)!, T, -1);
      const length = frobenius(await repair());
      expect(frobenius(step) / length).toBeCloseTo(1, 12);
      expect(apart(step, scale(plus(B, T, -1), length / frobenius(plus(B, T, -1))))).toBeLessThan(1e-12);
    });

    it('is as long as the repair, at random: by the seed, by the place of the edit, by the tensor', async () => {
      const edit = { edit: 'matched-step', like: [{ ...like[0]!, tensors: {} }], direction: 'random' };
      const draw = async (seed: number, edits: readonly unknown[] = [edit]) =>
        (await make(edits, { seed })).tensors;
      const tensors = await draw(1);
      const step = plus(tensors.get(NAME)!, T, -1);
      expect(frobenius(step) / frobenius(await repair())).toBeCloseTo(1, 12);
      const cosine = step.values.reduce((sum, value, i) => sum + value * (B.values[i]! - T.values[i]!), 0);
      expect(Math.abs(cosine) / frobenius(step) / frobenius(update)).toBeLessThan(0.3);
      expect((await draw(1)).get(NAME)).toEqual(tensors.get(NAME));
      expect((await draw(2)).get(NAME)).not.toEqual(tensors.get(NAME));
      const k = 'model.layers.0.self_attn.k_proj.weight';
      const v = 'model.layers.0.self_attn.v_proj.weight';
      const cos = (a: Matrix, b: Matrix): number =>
        a.values.reduce((sum, value, i) => sum + value * b.values[i]!, 0) / frobenius(a) / frobenius(b);
      const move = (name: string): Matrix => plus(tensors.get(name)!, tuned.tensors.get(name)!, -1);
      expect(Math.abs(cos(move(k), move(v)))).toBeLessThan(0.5);
    });

    it('does not move what the repair does not move', async () => {
      const nothing = [{ edit: 'restore', from: 'base', top: 0 }];
      const { tensors } = await make([{ edit: 'matched-step', like: nothing, direction: 'random' }]);
      expect(tensors.get(NAME)).toEqual(T);
    });
  });

  describe('a chain', () => {
    it('applies edits in order to the tensor as it is so far, and says which ones', async () => {
      const { made, tensors } = await make([
        { edit: 'interpolate', to: 'base', amount: 0.5 },
        { edit: 'restore', from: 'other', top: 2, tensors: { modules: ['q_proj'] } },
      ]);
      const half = plus(T, plus(B, T, -1), 0.5);
      const expected = plus(plus(half, triplets(half, 0, 2), -1), triplets(X, 0, 2));
      expect(apart(tensors.get(NAME)!, expected)).toBeLessThan(1e-13);
      expect(made.find(({ tensor }) => tensor === NAME)?.edits).toEqual([1, 2]);
      expect(made.find(({ tensor }) => tensor === NORM)?.edits).toEqual([1]);
    });

    it('begins anew with what is taken', async () => {
      const { checkpoint, tensors } = await make([
        { edit: 'restore', from: 'other', top: 2 },
        { edit: 'take', from: 'base', tensors: { layers: ['0'] } },
        { edit: 'scale-update', since: 'base', factor: 0.5, tensors: { names: [NORM] } },
      ]);
      expect(checkpoint.recipe?.taken).toContain(NAME);
      expect(tensors.get(NAME)).toEqual(B);
      expect(tensors.get(NORM)).toEqual(base.tensors.get(NORM));
    });

    it('makes the same tensor once for all recipes that need it, and for none again', async () => {
      const edit = { edit: 'restore', from: 'other', top: 7, tensors: { names: [NAME] } };
      const first = await make([edit]);
      const again = await make([{ edit: 'interpolate', to: 'base', amount: 0, tensors: {} }, edit], {
        name: 'again',
      });
      const file = (checkpoint: typeof first.checkpoint) =>
        checkpoint.tensors.find(({ name }) => name === NAME)?.file;
      expect(file(again.checkpoint)).toBe(file(first.checkpoint));
      expect(again.made).toEqual(first.made.map((each) => ({ ...each, edits: [2] })));
    });
  });
});
