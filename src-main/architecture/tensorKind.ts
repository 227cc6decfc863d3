import type { TensorRole } from '../contract/checkpoint.ts';
import { isBookkeeping } from './bookkeeping.ts';
import type { TensorPath } from './tensorPath.ts';

const EMBEDDING =
  /^(?:embed_tokens|embed_tokens_per_layer|embed_in|wte|wpe|tok_embeddings|word_embeddings|position_embeddings|embeddings?|shared)$/;
const HEAD = new Set([
  'lm_head',
  'output',
  'embed_out',
  'output_layer',
  'score',
  'v_head',
  'value_head',
  'classifier',
]);
/** The embedding of tokens and the head that may share its weights. */
const TOKEN_EMBEDDING = /^(?:embed_tokens|embed_in|wte|tok_embeddings|word_embeddings)$/;
const TOKEN_HEAD = /^(?:lm_head|output|embed_out|output_layer)$/;

/** Whether a module is a normalisation, by the last part of its name. */
export function isNormModule(module: string): boolean {
  return /norm|^ln(?:_|\d|$)/i.test(module.split('.').at(-1) ?? module);
}

export function isTokenEmbedding({ layer, kind, module }: TensorRole): boolean {
  return layer === null && kind === 'embedding' && TOKEN_EMBEDDING.test(module);
}

export function isTokenHead({ layer, kind, module }: TensorRole): boolean {
  return layer === null && kind === 'head' && TOKEN_HEAD.test(module);
}

/** What a tensor is, by its place in the model, its name and its shape. */
export function tensorKind(name: string, path: TensorPath, shape: readonly number[]): TensorRole['kind'] {
  const last = path.modules.at(-1) ?? '';
  if (isBookkeeping(name, shape)) return 'other';
  if (path.parameter === 'bias' || (/bias$/.test(last) && shape.length === 1)) return 'bias';
  if (shape.length === 1 && isNormModule(last)) return 'norm';
  if (shape.length !== 2) return 'other';
  if (path.layer === null && !path.isForeign) {
    if (EMBEDDING.test(last)) return 'embedding';
    if (path.modules.some((part) => HEAD.has(part))) return 'head';
  }
  return 'matrix';
}
