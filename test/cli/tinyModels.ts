import { join } from 'node:path';
import { type TensorSource, writeCheckpoint } from '../fixtures/checkpoints.ts';

const HIDDEN = 16;
const INNER = 24;

/** Repeatable numbers in (-1, 1): a linear congruential generator (Knuth's constants, modulus 2^32). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const SHAPES: readonly (readonly [string, readonly number[]])[] = [
  ['model.embed_tokens.weight', [20, HIDDEN]],
  ...[0, 1].flatMap((layer): [string, number[]][] => [
    [`model.layers.${String(layer)}.self_attn.q_proj.weight`, [HIDDEN, HIDDEN]],
    [`model.layers.${String(layer)}.mlp.down_proj.weight`, [HIDDEN, INNER]],
    [`model.layers.${String(layer)}.input_layernorm.weight`, [HIDDEN]],
  ]),
  ['model.norm.weight', [HIDDEN]],
];

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  num_hidden_layers: 2,
  hidden_size: HIDDEN,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  vocab_size: 20,
  tie_word_embeddings: true,
};

export interface TinyModel {
  /** Size of the change against the base; 0 is the base itself. */
  readonly change?: number;
  readonly seed?: number;
  readonly dtype?: string;
  /** Replaces or adds tensors by name; null removes one. */
  readonly tensors?: Readonly<Record<string, TensorSource | null>>;
}

/** A checkpoint of a model with two layers, of the same base for every seed of the change. */
export function tinyModel(folder: string, name: string, model: TinyModel = {}): string {
  const { change = 0, seed = 1, dtype = 'BF16', tensors: replaced = {} } = model;
  const base = noise(7);
  const update = noise(seed);
  const tensors = SHAPES.map(([tensor, shape]): TensorSource => {
    const size = shape.reduce((product, n) => product * n, 1);
    const data = Array.from({ length: size }, () => base() + change * update());
    return { name: tensor, dtype, shape, data };
  });
  const kept = tensors.flatMap((tensor) => {
    const other = replaced[tensor.name];
    return other === null ? [] : [other ?? tensor];
  });
  const added = Object.entries(replaced).flatMap(([tensor, source]) =>
    source !== null && !tensors.some((known) => known.name === tensor) ? [source] : [],
  );
  return writeCheckpoint(join(folder, name), { config: CONFIG, tensors: [...kept, ...added] });
}
