import { WRAPPERS } from './tensorPath.ts';

/** What a canonical name leaves out of account: what wrappers put in, or also that a part has another name elsewhere. */
export const LEVELS = ['wrapper', 'renamed'] as const;
export type NameLevel = (typeof LEVELS)[number];

/** What stands before the parts of a model when it is held by another: by a language model, an adapter, a value model. */
const HOLDERS = new Set([
  'model',
  'base_model',
  'language_model',
  'text_model',
  'pretrained_model',
  'transformer',
  'gpt_neox',
]);

/** Parts that are called differently by different versions of the same model. */
const SYNONYMS = new Map([
  ['block_sparse_moe', 'mlp'],
  ['feed_forward', 'mlp'],
]);
/** Experts as Mixtral has them and as transformers 5 has. */
const EXPERT_MODULES = new Map([
  ['w1', 'gate_proj'],
  ['w2', 'down_proj'],
  ['w3', 'up_proj'],
]);
/** Norms as TensorFlow has them. */
const PARAMETERS = new Map([
  ['gamma', 'weight'],
  ['beta', 'bias'],
]);

function renamed(parts: readonly string[]): string[] {
  const isExpert = parts.includes('experts');
  return parts.map((part, i) => {
    const parameter = i === parts.length - 1 ? PARAMETERS.get(part) : undefined;
    return parameter ?? (isExpert ? EXPERT_MODULES.get(part) : undefined) ?? SYNONYMS.get(part) ?? part;
  });
}

/** The name that a tensor has in every wrapping, and at the level "renamed" under every name that is known for it. */
export function canonicalName(name: string, level: NameLevel): string {
  const inner = name.split('.').filter((part) => !WRAPPERS.has(part));
  const first = inner.findIndex((part) => !HOLDERS.has(part));
  const parts = first < 0 ? inner.slice(-1) : inner.slice(first);
  return (level === 'wrapper' ? parts : renamed(parts)).join('.');
}
