import { describe, expect, it } from 'vitest';
import { compose, entry, matrix, plus, product, transpose, type Matrix } from '../fixtures/matrix.ts';
import { apart, frobenius, plainSvd, triplets } from '../fixtures/plainSvd.ts';
import { ALGEBRAS, kitchen, randomModel } from '../fixtures/recipeModels.ts';

const [target, donor] = [randomModel(1), randomModel(2)];
const NAME = 'model.layers.1.mlp.up_proj.weight';
const T = target.tensors.get(NAME)!;
const B = donor.tensors.get(NAME)!;
const D = 12;

const restore = (fields: Readonly<Record<string, unknown>>) => ({ edit: 'restore', from: 'base', ...fields });
describe.each(ALGEBRAS)('with %s algebra', (algebra) => {
  const { make } = kitchen({ sft: target, base: donor }, { algebra });
  const restored = async (fields: Readonly<Record<string, unknown>>): Promise<Matrix> =>
    (await make([restore(fields)])).tensors.get(NAME)!;

  describe('restore', () => {
    it.each([1, 5, 11])(
      'swaps the leading %i triplets: W_donor^(k) + (W_target - W_target^(k))',
      async (k) => {
        const expected = plus(triplets(B, 0, k), plus(T, triplets(T, 0, k), -1));
        expect(apart(await restored({ top: k }), expected)).toBeLessThan(1e-13);
      },
    );

    it('swaps head, tail and band, a share of the smaller side, and what they have in common once', async () => {
      const expected = [
        [0, 3],
        [5, 7],
        [9, 12],
      ].reduce((sum, [from, to]) => plus(plus(sum, triplets(T, from!, to!), -1), triplets(B, from!, to!)), T);
      const found = await restored({ top: '25 %', bottom: '20 %', band: [6, 7] });
      const tail = plus(plus(expected, triplets(B, 9, 10), -1), triplets(T, 9, 10));
      expect(apart(found, tail)).toBeLessThan(1e-13);
      const overlapping = await restored({ top: 2, bottom: 3, band: [2, 3] });
      expect(apart(overlapping, await restored({ band: [1, 3], bottom: 3 }))).toBeLessThan(1e-13);
    });

    it('restores directions alone: the values of the target on the vectors of the donor', async () => {
      const { s } = plainSvd(T);
      const expected = plus(plus(T, triplets(T, 0, 4), -1), triplets(B, 0, 4, s.slice(0, 4)));
      expect(apart(await restored({ top: 4, values: 'target' }), expected)).toBeLessThan(1e-13);
    });

    it('restores values alone: the vectors of the target with the values of the donor', async () => {
      const { s } = plainSvd(B);
      const expected = plus(plus(T, triplets(T, 0, 4), -1), triplets(T, 0, 4, s.slice(0, 4)));
      expect(apart(await restored({ top: 4, vectors: 'target' }), expected)).toBeLessThan(1e-13);
      expect(plainSvd(await restored({ top: D, vectors: 'target' })).s[3]).toBeCloseTo(s[3]!, 13);
    });

    it.each(['donor', 'target'] as const)(
      'orthonormal has the mixed spectrum exactly, with values of the %s',
      async (values) => {
        const [own, other] = [plainSvd(T), plainSvd(B)];
        const mixed = own.s.map((value, i) => (i < 4 && values === 'donor' ? other.s[i]! : value));
        const found = await restored({ top: 4, values, variant: 'orthonormal' });
        const sorted = mixed.toSorted((a, b) => b - a);
        plainSvd(found).s.forEach((value, i) => expect(Math.abs(value / sorted[i]! - 1)).toBeLessThan(1e-12));
        const basis = (a: Matrix, b: Matrix): Matrix => {
          const raw = matrix(a.rows, D, (i, j) => entry(j < 4 ? b : a, i, j));
          const { u, v } = plainSvd(raw);
          return product(u, transpose(v));
        };
        const expected = compose(basis(own.u, other.u), mixed, basis(own.v, other.v));
        expect(apart(found, expected)).toBeLessThan(1e-12);
      },
    );

    it('of the paper does not have the spectrum that it claims', async () => {
      const found = plainSvd(await restored({ top: 4, values: 'target' })).s;
      const claimed = plainSvd(T).s;
      expect(Math.max(...found.map((value, i) => Math.abs(value / claimed[i]! - 1)))).toBeGreaterThan(1e-2);
    });

    it('of no direction is the target itself: nothing is made', async () => {
      const { checkpoint, made } = await make([restore({ top: 0 })]);
      expect(made).toEqual([]);
      expect(checkpoint.recipe).toMatchObject({ made: [], taken: [] });
      expect(checkpoint.tensors.every(({ file }) => file.includes('/sft/'))).toBe(true);
    });

    it('of all directions with values and vectors is the donor itself', async () => {
      const { checkpoint, tensors } = await make([restore({ top: 4096 })]);
      expect(checkpoint.recipe?.made).toEqual([]);
      expect(checkpoint.recipe?.taken).toHaveLength(14);
      expect(tensors.get(NAME)).toEqual(B);
      expect(tensors.get('model.embed_tokens.weight')).toEqual(
        target.tensors.get('model.embed_tokens.weight'),
      );
    });

    it('concerns the matrices of the layers, others when they are asked for', async () => {
      const { checkpoint } = await make([restore({ top: 2 })]);
      expect(checkpoint.recipe?.made.every((name) => /layers\.\d\..*_proj\.weight$/.test(name))).toBe(true);
      const { checkpoint: asked } = await make([
        restore({ top: 2, tensors: { kinds: ['embedding', 'head'] } }),
      ]);
      expect(asked.recipe?.made).toEqual(['lm_head.weight', 'model.embed_tokens.weight']);
    });

    it('says how far it moved each tensor', async () => {
      const { made, tensors } = await make([restore({ top: 3, tensors: { names: [NAME] } })]);
      expect(made).toHaveLength(1);
      expect(made[0]).toMatchObject({
        tensor: NAME,
        edits: [1],
        taken: false,
        bytes: 20 * 12 * 8,
        rounding: 0,
      });
      expect(made[0]!.moved).toBeCloseTo(frobenius(plus(tensors.get(NAME)!, T, -1)), 12);
    });
  });
});
