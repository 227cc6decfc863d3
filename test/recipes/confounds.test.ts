/** The three confounds of arXiv 2509.12235 that its experiments carry unnoticed; methods.md 4.1. */
import { describe, expect, it } from 'vitest';
import { confoundsOf } from '../../src-main/recipes/confoundsOf.ts';
import { compose, entry, matrix, plus, type Matrix } from '../fixtures/matrix.ts';
import { apart, plainSvd } from '../fixtures/plainSvd.ts';
import { kitchen, randomModel } from '../fixtures/recipeModels.ts';

const [target, donor] = [randomModel(1), randomModel(2)];
const { make, recipe } = kitchen({ sft: target, base: donor });
const UP = 'model.layers.1.mlp.up_proj.weight';
const KEY = 'model.layers.1.self_attn.k_proj.weight';
const of = (model: typeof target, name: string): Matrix => model.tensors.get(name)!;

/** `svd_recover.py`, direction only: U and V of the base at head, S of the target; W_b where all directions are asked for. */
function published(t: Matrix, b: Matrix, top: number): Matrix {
  const [own, base] = [plainSvd(t), plainSvd(b)];
  const n = own.s.length;
  const k = Math.min(top, n);
  if (k === n) return b;
  const mixed = (mine: Matrix, theirs: Matrix): Matrix =>
    matrix(mine.rows, n, (i, j) => entry(j < k ? theirs : mine, i, j));
  return compose(mixed(own.u, base.u), own.s, mixed(own.v, base.v));
}

const largestGap = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value / b[i]! - 1)));

const directionOnly = (top: number, more = {}) => ({
  edit: 'restore',
  from: 'base',
  top,
  values: 'target',
  ...more,
});

describe('direction-only restoration of all directions', () => {
  it('in the published code returns the donor, spectrum included; below that it is what is made here', async () => {
    const [t, b] = [of(target, UP), of(donor, UP)];
    expect(published(t, b, 4096)).toEqual(b);
    expect(largestGap(plainSvd(published(t, b, 4096)).s, plainSvd(t).s)).toBeGreaterThan(0.01);
    for (const top of [1, 6, 11]) {
      const { tensors } = await make([directionOnly(top)]);
      expect(apart(tensors.get(UP)!, published(t, b, top))).toBeLessThan(1e-13);
    }
  });

  it('here keeps the values of the target, as the name says', async () => {
    const { tensors, checkpoint } = await make([directionOnly(4096)]);
    const found = plainSvd(tensors.get(UP)!);
    const [own, base] = [plainSvd(of(target, UP)), plainSvd(of(donor, UP))];
    expect(largestGap(found.s, own.s)).toBeLessThan(1e-12);
    expect(apart(tensors.get(UP)!, compose(base.u, own.s, base.v))).toBeLessThan(1e-13);
    const told = confoundsOf(recipe([directionOnly(4096)]), checkpoint);
    expect(told).toEqual([
      '14 of 14 matrices are restored in full (all their directions are those of the donor, and only the spectrum is left of the target)',
    ]);
  });
});

describe('a restoration of layers with as many directions as there are', () => {
  const edit = { edit: 'restore', from: 'base', top: 4096, tensors: { layers: ['0'] } };

  it('is a full roll-back of their matrices, and is told to be one', async () => {
    const { tensors, checkpoint } = await make([edit]);
    const inLayer = [...tensors].filter(([name]) => /layers\.0\..*_proj\.weight/.test(name));
    expect(inLayer).toHaveLength(7);
    for (const [name, found] of inLayer) expect(found).toEqual(of(donor, name));
    expect(tensors.get(UP)).toEqual(of(target, UP));
    expect(confoundsOf(recipe([edit]), checkpoint)).toEqual([
      '7 of 7 matrices are restored in full (a full roll-back of their weights, spectrum included)',
    ]);
  });

  it('with embeddings and head, as the published layers always had them, is told apart from one without', async () => {
    const withEmbeddings = { ...edit, tensors: { names: ['*layers.0.*', '*embed_tokens*', 'lm_head*'] } };
    const { tensors, checkpoint } = await make([withEmbeddings]);
    expect(tensors.get('model.embed_tokens.weight')).toEqual(of(donor, 'model.embed_tokens.weight'));
    expect(tensors.get('lm_head.weight')).toEqual(of(donor, 'lm_head.weight'));
    expect(confoundsOf(recipe([withEmbeddings]), checkpoint)).toContain(
      'lm_head and embed_tokens are changed together with the layers: what they do alone is not told apart',
    );
    const takes = [
      { edit: 'take', from: 'base', tensors: { names: ['*layers.0.*', 'model.embed_tokens.weight'] } },
    ];
    expect(confoundsOf(recipe(takes), checkpoint)).toEqual([
      'embed_tokens is rolled back together with the layers: what they do alone is not told apart',
    ]);
  });
});

describe('keys and values with a smaller side than the others', () => {
  const edit = { edit: 'restore', from: 'base', top: 8 };

  it('are rolled back in full as soon as so many directions are asked for', async () => {
    const { tensors, checkpoint } = await make([edit]);
    expect(tensors.get(KEY)).toEqual(of(donor, KEY));
    const up = tensors.get(UP)!;
    expect(apart(up, of(donor, UP))).toBeGreaterThan(0.1);
    expect(apart(up, of(target, UP))).toBeGreaterThan(0.1);
    expect(confoundsOf(recipe([edit]), checkpoint)).toEqual([
      '4 of 14 matrices are restored in full (a full roll-back of their weights, spectrum included): k_proj and v_proj have only 8 directions',
    ]);
  });

  it('are not as long as there are fewer, or a share of them is asked for', async () => {
    const { checkpoint } = await make([]);
    for (const top of [7, '60 %']) expect(confoundsOf(recipe([{ ...edit, top }]), checkpoint)).toEqual([]);
  });

  it('tell which edit they belong to where there are several', async () => {
    const { checkpoint } = await make([]);
    const several = recipe([
      { edit: 'interpolate', to: 'base', amount: 0.1, tensors: { layers: ['0'] } },
      edit,
    ]);
    expect(confoundsOf(several, checkpoint)).toEqual([expect.stringMatching(/^edit 2: 4 of 14/)]);
  });
});

it('of directions alone, the paper mixes bases that are not orthonormal: told as well', async () => {
  const { checkpoint, tensors } = await make([directionOnly(6)]);
  expect(confoundsOf(recipe([directionOnly(6)]), checkpoint)).toEqual([
    'the restored directions are not orthogonal to the others, so that the spectrum is not that of the target',
  ]);
  expect(largestGap(plainSvd(tensors.get(UP)!).s, plainSvd(of(target, UP)).s)).toBeGreaterThan(0.01);
  expect(confoundsOf(recipe([directionOnly(6, { variant: 'orthonormal' })]), checkpoint)).toEqual([]);
  expect(plus(tensors.get(UP)!, of(target, UP), -1).values.some((value) => value !== 0)).toBe(true);
});
