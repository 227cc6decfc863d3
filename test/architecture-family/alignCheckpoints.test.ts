import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignCheckpoints } from '../../src-main/architecture/alignCheckpoints.ts';
import type { AlignedTensor } from '../../src-main/contract/alignment.ts';
import { Alignment } from '../../src-main/contract/alignment.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { EXIT } from '../../src-main/contract/errors.ts';
import { caught } from '../fixtures/caught.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { inMemory } from '../fixtures/inMemory.ts';
import { llamaLayout, zeros } from '../fixtures/modelLayouts.ts';

const HEAD = 'lm_head.weight';
const EMBEDDING = 'model.embed_tokens.weight';
const Q = 'model.layers.0.self_attn.q_proj.weight';

const { config, tensors } = llamaLayout();
const base = inMemory(tensors, config, 'base');
const count = (list: readonly TensorSource[]): number =>
  list.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);

function align(reference: Checkpoint, variant: Checkpoint): Alignment {
  const alignment = alignCheckpoints(reference, variant);
  expect(Alignment.parse(alignment)).toEqual(alignment);
  expect(alignment.compared + alignment.notCompared).toBe(alignment.tensors.length);
  for (const { status, reason } of alignment.tensors) expect(status === 'compared').toBe(reason === null);
  return alignment;
}

function row(alignment: Alignment, tensor: string): AlignedTensor | undefined {
  return alignment.tensors.find((each) => each.tensor === tensor);
}

const replaced = (name: string, ...by: TensorSource[]): TensorSource[] =>
  tensors.flatMap((tensor) => (tensor.name === name ? by : [tensor]));
const renamed = (rename: (name: string) => string, list = tensors): TensorSource[] =>
  list.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));

describe('alignCheckpoints', () => {
  it('compares every tensor of two equal layouts, in model order', () => {
    const alignment = align(base, inMemory(tensors.toReversed(), config, 'sft'));
    expect(alignment).toMatchObject({
      reference: '/base',
      variant: '/sft',
      compared: tensors.length,
      notCompared: 0,
    });
    expect(alignment.parametersCompared).toBe(count(tensors));
    expect(alignment.parametersReference).toBe(count(tensors));
    const names = alignment.tensors.map(({ tensor }) => tensor);
    expect(names.slice(0, 3)).toEqual([EMBEDDING, Q, 'model.layers.0.self_attn.k_proj.weight']);
    expect(names.slice(-2)).toEqual(['model.norm.weight', HEAD]);
    expect(alignment.tensors.every(({ detail }) => detail === null)).toBe(true);
  });

  it('has a row with its reason for every tensor that is not compared', () => {
    const variant = inMemory(
      [
        ...replaced(Q, zeros(Q, [11, 12])).filter(({ name }) => name !== 'model.norm.weight'),
        zeros('model.layers.0.self_attn.q_proj.bias', [12]),
        zeros('model.layers.0.mlp.up_proj.weight_scale_inv', [1, 1]),
        zeros('model.layers.0.self_attn.rotary_emb.inv_freq', [6]),
      ],
      config,
    );
    const alignment = align(base, variant);
    const reasons = alignment.tensors
      .filter(({ status }) => status === 'not-compared')
      .map((each) => [each.tensor, each.reason, each.detail]);
    expect(reasons).toEqual([
      [Q, 'shape-differs', '[12, 12] and [11, 12]'],
      ['model.layers.0.self_attn.q_proj.bias', 'only-in-variant', null],
      ['model.layers.0.mlp.up_proj.weight_scale_inv', 'bookkeeping', 'only in the variant'],
      ['model.layers.0.self_attn.rotary_emb.inv_freq', 'bookkeeping', 'only in the variant'],
      ['model.norm.weight', 'only-in-reference', null],
    ]);
    expect(alignment.parametersReference).toBe(count(tensors));
    expect(alignment.parametersCompared).toBe(count(tensors) - 12 * 12 - 12);
  });

  it('counts buffers and scales as no parameters on either side', () => {
    const both = [...tensors, zeros('model.layers.0.self_attn.rotary_emb.inv_freq', [6])];
    const alignment = align(inMemory(both, config), inMemory(both, config));
    expect(row(alignment, 'model.layers.0.self_attn.rotary_emb.inv_freq')?.reason).toBe('bookkeeping');
    expect(alignment.parametersReference).toBe(count(tensors));
    expect(alignment.parametersCompared).toBe(count(tensors));
  });

  it('compares computable types with each other and no others', () => {
    const wide = { name: Q, dtype: 'F32', shape: [12, 12], data: new Uint8Array(576) };
    expect(row(align(base, inMemory(replaced(Q, wide), config)), Q)?.status).toBe('compared');
    const alignment = align(base, inMemory(replaced(Q, zeros(Q, [12, 12], 'F8_E8M0')), config));
    expect(row(alignment, Q)).toMatchObject({ reason: 'opaque-dtype', detail: 'BF16 and F8_E8M0' });
    const unknown = align(base, inMemory(replaced(Q, zeros(Q, [3], 'F3_NEW')), config));
    expect(row(unknown, Q)?.reason).toBe('opaque-dtype');
  });

  it('passes over tensors without elements', () => {
    const empty = replaced(Q, zeros(Q, [0, 12]));
    expect(row(align(inMemory(empty, config), inMemory(empty, config)), Q)).toMatchObject({
      reason: 'empty',
      detail: 'shape [0, 12]',
    });
  });

  it.each([
    [16, 18],
    [18, 16],
  ])('compares the common rows of vocabularies of %i and %i tokens', (left, right) => {
    const names = [HEAD, EMBEDDING];
    const [reference, variant] = [left, right].map((rows) =>
      inMemory(
        tensors.map((tensor) => (names.includes(tensor.name) ? zeros(tensor.name, [rows, 12]) : tensor)),
        config,
      ),
    );
    const alignment = align(reference!, variant!);
    expect(alignment).toMatchObject({ partial: 2, notCompared: 0 });
    for (const name of names) {
      expect(row(alignment, name)).toMatchObject({
        status: 'compared',
        elements: 18 * 12,
        detail: `compared on the first 16 rows of ${String(left)} and ${String(right)}: the vocabulary was resized`,
        reference: { shape: [16, 12], bytes: 16 * 12 * 2 },
        variant: { shape: [16, 12], bytes: 16 * 12 * 2 },
      });
      const stored = reference!.tensors.find((each) => each.name === name);
      expect(row(alignment, name)?.reference?.offset).toBe(stored?.offset);
    }
    expect(alignment.parametersReference).toBe(count(tensors) + 2 * (left - 16) * 12);
    expect(alignment.parametersCompared).toBe(count(tensors));
  });

  it('compares no other tensor in part', () => {
    const wider = align(base, inMemory(replaced(EMBEDDING, zeros(EMBEDDING, [18, 13])), config));
    expect(row(wider, EMBEDDING)).toMatchObject({
      reason: 'shape-differs',
      detail: '[16, 12] and [18, 13]',
    });
    const [score, few] = [zeros('score.weight', [2, 12]), zeros('score.weight', [3, 12])];
    const alignment = align(inMemory([...tensors, score], config), inMemory([...tensors, few], config));
    expect(row(alignment, 'score.weight')?.reason).toBe('shape-differs');
    expect(alignment.partial).toBe(0);
  });
});

describe('tied embeddings are counted once', () => {
  const tied = { ...config, tie_word_embeddings: true };
  const without = tensors.filter(({ name }) => name !== HEAD);

  it('when both sides store the head', () => {
    const alignment = align(inMemory(tensors, tied), inMemory(tensors, tied));
    expect(row(alignment, HEAD)).toMatchObject({
      reason: 'tied-alias',
      detail: expect.stringContaining(EMBEDDING) as string,
    });
    expect(alignment.parametersReference).toBe(count(without));
    expect(alignment.parametersCompared).toBe(count(without));
  });

  it.each([
    ['reference', tensors, without],
    ['variant', without, tensors],
  ])('when only the %s stores the head', (_, left, right) => {
    const alignment = align(inMemory(left, tied), inMemory(right, tied));
    expect(row(alignment, HEAD)?.reason).toBe('tied-alias');
    expect(alignment.parametersReference).toBe(count(without));
  });

  it('when neither stores it', () => {
    const alignment = align(inMemory(without, tied), inMemory(without, tied));
    expect(alignment.notCompared).toBe(0);
    expect(alignment.parametersReference).toBe(count(without));
  });

  it('but compared when training untied them', () => {
    const alignment = align(inMemory(tensors, tied), inMemory(tensors, config));
    expect(row(alignment, HEAD)).toMatchObject({
      status: 'compared',
      detail: `tied to "${EMBEDDING}" in the reference only`,
    });
    expect(alignment.parametersCompared).toBe(alignment.parametersReference);
    const lone = align(inMemory(without, tied), inMemory(tensors, config));
    expect(row(lone, HEAD)).toMatchObject({
      reason: 'only-in-variant',
      detail: 'the reference ties it to its embedding',
    });
  });

  it('also when one side has lost its config.json', () => {
    const alignment = align(inMemory(tensors, tied), inMemory(tensors, null));
    expect(row(alignment, HEAD)?.reason).toBe('tied-alias');
    expect(row(align(inMemory(tensors, null), inMemory(tensors, tied)), Q)?.role.heads?.count).toBe(4);
  });
});

describe('names that differ by a wrapper', () => {
  it.each(['_orig_mod.', 'module.', 'base_model.model.', 'language_model.', 'module._orig_mod.'])(
    '%s are matched, with a note',
    (prefix) => {
      const variant = inMemory(
        renamed((name) => prefix + name),
        config,
      );
      const alignment = align(base, variant);
      expect(alignment.compared).toBe(tensors.length);
      expect(row(alignment, Q)?.variant?.name).toBe(prefix + Q);
      expect(row(alignment, Q)?.detail).toBe(
        `named "${prefix}${Q}" in the variant, the same but for a wrapper's prefix`,
      );
      expect(align(variant, base).compared).toBe(tensors.length);
    },
  );

  it('of both sides are matched too', () => {
    const one = inMemory(
      renamed((name) => `module.${name}`),
      config,
    );
    const other = inMemory(
      renamed((name) => `_orig_mod.${name}`),
      config,
    );
    expect(align(one, other).compared).toBe(tensors.length);
  });

  it('are matched when a bare backbone lost its model. prefix', () => {
    const tied = tensors.filter(({ name }) => name !== HEAD);
    const bare = renamed((name) => name.replace(/^model\./, ''), tied);
    expect(align(inMemory(tied, config), inMemory(bare, config)).compared).toBe(tied.length);
  });

  it('are matched when only some names have it', () => {
    const some = renamed((name) => (name === HEAD ? name : `module.${name}`));
    expect(align(base, inMemory(some, config)).compared).toBe(tensors.length);
  });

  it('are not matched when there are two ways', () => {
    const both = ['module.b', '_orig_mod.b'].map((name) => zeros(name, [2]));
    const left = inMemory([zeros('a', [2]), ...both]);
    const alignment = align(left, inMemory(['a', 'b'].map((name) => zeros(name, [2]))));
    const details = alignment.tensors.map(({ tensor, reason, detail }) => [tensor, reason, detail]);
    expect(details).toEqual([
      ['a', null, null],
      ['_orig_mod.b', 'only-in-reference', 'its name cannot be told from "module.b", "b"'],
      ['b', 'only-in-variant', 'its name cannot be told from "module.b", "_orig_mod.b"'],
      ['module.b', 'only-in-reference', 'its name cannot be told from "_orig_mod.b", "b"'],
    ]);
    const equal = align(left, left);
    expect(equal.tensors.every(({ tensor, variant }) => tensor === variant?.name)).toBe(true);
  });
});

describe('checkpoints that cannot be compared', () => {
  it('are refused with names of both sides', () => {
    const other = inMemory(
      renamed((name) => `x.${name.replaceAll('layers', 'blocks')}`),
      config,
      'other',
    );
    const error = caught(() => alignCheckpoints(base, other));
    expect(error.code).toBe('not-comparable');
    expect(error.exitCode).toBe(EXIT.notComparable);
    expect(error.where).toBe('/other');
    expect(error.message).toContain('"base" holds "lm_head.weight", "model.embed_tokens.weight"');
    expect(error.message).toContain('"other" holds "x.lm_head.weight"');
    expect(error.message).toContain(
      `${String(tensors.length)} only-in-reference, ${String(tensors.length)} only-in-variant`,
    );
  });

  it('are refused with a pair of shapes when the names are the same', () => {
    const larger = inMemory(
      tensors.map(({ name, shape }) =>
        zeros(
          name,
          shape.map((size) => size * 2),
        ),
      ),
      config,
    );
    const error = caught(() => alignCheckpoints(base, larger));
    expect(error.message).toContain(`for example "${EMBEDDING}" is [16, 12] and [32, 24]`);
  });
});

describe('any two checkpoints', () => {
  const part = fc.constantFrom(
    'model',
    'module',
    '_orig_mod',
    'layers',
    'h',
    '0',
    '1',
    'q_proj',
    'norm',
    'weight',
    'bias',
    'experts',
  );
  const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));
  const shape = fc.array(fc.nat({ max: 3 }), { maxLength: 3 });
  const side = fc
    .uniqueArray(fc.record({ name, shape, dtype: fc.constantFrom('BF16', 'U8') }), {
      selector: (each) => each.name,
      minLength: 1,
      maxLength: 12,
    })
    .map((list) => inMemory(list.map((each) => zeros(each.name, each.shape, each.dtype))));

  it('lose no tensor and list none twice', () => {
    fc.assert(
      fc.property(side, side, (left, right) => {
        let alignment: Alignment;
        try {
          alignment = align(left, right);
        } catch (error) {
          expect(error).toMatchObject({ code: 'not-comparable' });
          return;
        }
        const [references, variants] = (['reference', 'variant'] as const).map((key) =>
          alignment.tensors.flatMap((each) => each[key]?.name ?? []).sort(),
        );
        expect(references).toEqual(left.tensors.map((each) => each.name).sort());
        expect(variants).toEqual(right.tensors.map((each) => each.name).sort());
        expect(alignment.parametersCompared).toBeLessThanOrEqual(alignment.parametersReference);
      }),
      { numRuns: 1000 },
    );
  });
});
