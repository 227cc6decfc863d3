import { describe, expect, it } from 'vitest';
import { caughtAsync } from '../fixtures/caught.ts';
import { entry, matrix, plus, product, scale, transpose, type Matrix } from '../fixtures/matrix.ts';
import { apart, columns, frobenius, rows } from '../fixtures/plainSvd.ts';
import { ALGEBRAS, kitchen, randomModel } from '../fixtures/recipeModels.ts';

const SIZE = 4;
const QUERIES = 4;
const GROUPS = 2;
const model = randomModel(1, { queryKeyNorms: true });
const at = (layer: number, rest: string): string => `model.layers.${String(layer)}.self_attn.${rest}`;
type Tensors = ReadonlyMap<string, Matrix>;

/** Attention with this context of one query per position, without rotary positions: softmax(Q K^T) V W_o^T per head, biases included. */
function attention(tensors: Tensors, layer: number, x: Matrix): Matrix {
  const project = (letter: string): Matrix => {
    const made = product(x, transpose(tensors.get(at(layer, `${letter}_proj.weight`))!));
    const bias = tensors.get(at(layer, `${letter}_proj.bias`))!;
    return matrix(made.rows, made.cols, (i, j) => entry(made, i, j) + entry(bias, 0, j));
  };
  const [q, k, v] = ['q', 'k', 'v'].map(project) as [Matrix, Matrix, Matrix];
  const heads = Array.from({ length: QUERIES }, (_, head) => {
    const group = Math.floor((head * GROUPS) / QUERIES);
    const own = columns(q, head * SIZE, (head + 1) * SIZE);
    const keys = columns(k, group * SIZE, (group + 1) * SIZE);
    const weights = product(own, transpose(keys));
    const soft = matrix(weights.rows, weights.cols, (i, j) => {
      const all = Array.from({ length: weights.cols }, (_x, l) => Math.exp(entry(weights, i, l)));
      return all[j]! / all.reduce((sum, value) => sum + value, 0);
    });
    return product(soft, columns(v, group * SIZE, (group + 1) * SIZE));
  });
  const context = matrix(x.rows, QUERIES * SIZE, (i, j) => entry(heads[Math.floor(j / SIZE)]!, i, j % SIZE));
  return product(context, transpose(tensors.get(at(layer, 'o_proj.weight'))!));
}

const x = scale(randomModel(9).tensors.get('model.embed_tokens.weight')!, 100);

describe.each(ALGEBRAS)('with %s algebra', (algebra) => {
  const { make } = kitchen({ base: model }, { algebra });

  describe.each(['haar', 'hadamard'])('rotate-heads by %s matrices', (rotation) => {
    it('leaves what attention does, and turns values and outputs', async () => {
      const { tensors, made } = await make([{ edit: 'rotate-heads', rotation }]);
      expect(made.map(({ tensor }) => tensor.slice(13)).sort()).toEqual(
        ['0', '1'].flatMap((layer) =>
          ['o_proj.weight', 'v_proj.bias', 'v_proj.weight'].map((name) => `${layer}.self_attn.${name}`),
        ),
      );
      for (const layer of [0, 1]) {
        expect(apart(attention(tensors, layer, x), attention(model.tensors, layer, x))).toBeLessThan(1e-14);
        for (const name of ['v_proj.weight', 'o_proj.weight', 'v_proj.bias']) {
          expect(apart(tensors.get(at(layer, name))!, model.tensors.get(at(layer, name))!)).toBeGreaterThan(
            0.3,
          );
        }
      }
    });

    it('is orthogonal per head, another one for each key/value head and layer', async () => {
      const { tensors } = await make([{ edit: 'rotate-heads', rotation }]);
      const turned = [0, 1].flatMap((layer) =>
        [0, 1].map((head) => {
          const [before, after] = [model.tensors, tensors].map((all) =>
            rows(all.get(at(layer, 'v_proj.weight'))!, head * SIZE, (head + 1) * SIZE),
          ) as [Matrix, Matrix];
          expect(apart(product(transpose(after), after), product(transpose(before), before))).toBeLessThan(
            1e-14,
          );
          return product(after, transpose(before)).values.map((value) => value / frobenius(before) ** 2);
        }),
      );
      expect(new Set(turned.map((values) => values[0]!.toFixed(9))).size).toBe(4);
    });

    it('reports the largest change of any head, of o_proj', async () => {
      const { made } = await make([{ edit: 'rotate-heads', rotation, layers: ['1'] }]);
      for (const { tensor, productError } of made) {
        if (tensor.endsWith('o_proj.weight')) {
          expect(productError).toBeGreaterThan(0);
          expect(productError).toBeLessThan(1e-12);
        } else expect(productError).toBeNull();
      }
    });
  });

  it('draws the rotation from the seed', async () => {
    const v = at(0, 'v_proj.weight');
    const draw = async (seed: number): Promise<Matrix> =>
      (await make([{ edit: 'rotate-heads' }], { seed })).tensors.get(v)!;
    expect(await draw(3)).toEqual(await draw(3));
    expect(await draw(3)).not.toEqual(await draw(4));
  });

  it('rotates what earlier edits made, and measures it against that', async () => {
    const edits = [
      { edit: 'svf', experts: [{ z: 0.5 }] },
      { edit: 'rotate-heads' },
      { edit: 'svf', experts: [{ z: 2 }] },
    ];
    const { tensors, made } = await make(edits);
    expect(apart(attention(tensors, 0, x), attention(model.tensors, 0, x))).toBeLessThan(1e-12);
    expect(made.find(({ tensor }) => tensor === at(0, 'o_proj.weight'))?.productError).toBeLessThan(1e-12);
  });

  describe('permute-heads', () => {
    it('puts heads where they are asked to be, every number as it was, and leaves what attention does', async () => {
      const { tensors, checkpoint } = await make([{ edit: 'permute-heads', order: [1, 0], layers: ['0'] }]);
      const moved = (name: string, block: number): void => {
        const [before, after] = [model.tensors.get(at(0, name))!, tensors.get(at(0, name))!];
        const swap = (i: number): number => (i < block ? i + block : i - block);
        const byColumns = name.startsWith('o_proj') || before.rows === 1;
        const expected = matrix(before.rows, before.cols, (i, j) =>
          byColumns ? entry(before, i, swap(j)) : entry(before, swap(i), j),
        );
        expect(after).toEqual(expected);
      };
      for (const name of ['k_proj.weight', 'v_proj.weight', 'k_proj.bias', 'v_proj.bias']) moved(name, SIZE);
      for (const name of ['q_proj.weight', 'q_proj.bias', 'o_proj.weight']) moved(name, 2 * SIZE);
      expect(checkpoint.recipe?.made).toHaveLength(7);
      expect(apart(attention(tensors, 0, x), attention(model.tensors, 0, x))).toBeLessThan(1e-14);
    });

    it('undone is the target, bit for bit; of the order that there is, nothing at all', async () => {
      const swap = { edit: 'permute-heads', order: [1, 0] };
      const { tensors } = await make([swap, swap]);
      for (const [name, values] of model.tensors) expect(tensors.get(name)).toEqual(values);
      expect((await make([{ edit: 'permute-heads', order: [0, 1] }])).checkpoint.recipe?.made).toEqual([]);
    });

    it('drawn from the seed moves something', async () => {
      const { tensors } = await make([{ edit: 'permute-heads' }], { seed: 5 });
      expect(
        frobenius(plus(tensors.get(at(1, 'k_proj.weight'))!, model.tensors.get(at(1, 'k_proj.weight'))!, -1)),
      ).toBeGreaterThan(0);
      expect(apart(attention(tensors, 1, x), attention(model.tensors, 1, x))).toBeLessThan(1e-14);
    });
  });
});

describe('edits of heads are refused', () => {
  const refused = async (edit: unknown, options: Parameters<typeof randomModel>[1]): Promise<string> =>
    (await caughtAsync(() => kitchen({ base: randomModel(1, options) }).make([edit]))).message;

  it('where config.json does not tell the heads', async () => {
    const config = { num_attention_heads: undefined, num_key_value_heads: undefined, head_dim: undefined };
    expect(await refused({ edit: 'rotate-heads' }, { config })).toContain('do not tell its heads');
  });

  it('where a head has no Hadamard matrix', async () => {
    const message = await refused({ edit: 'rotate-heads', rotation: 'hadamard' }, { headDim: 3 });
    expect(message).toContain('heads of 3 have no Hadamard matrix');
  });

  it('where the order is that of another number of heads', async () => {
    expect(await refused({ edit: 'permute-heads', order: [1, 0, 2] }, {})).toContain(
      'its order has 3 heads, the layer 2',
    );
  });

  it('where there is no such layer', async () => {
    expect(await refused({ edit: 'permute-heads', layers: ['7-9'] }, {})).toContain('selects no layer');
  });
});
