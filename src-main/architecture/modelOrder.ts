import { naturalOrder } from '../checkpoint/naturalOrder.ts';
import type { TensorRole } from '../contract/checkpoint.ts';
import { isNormModule } from './tensorKind.ts';

/** Modules of a layer: matrices in the order in which the forward pass uses them, then norms. */
const FORWARD = [
  ['qkv_proj', 'Wqkv', 'query_key_value', 'c_attn', 'attn.c_attn'],
  ['q_proj', 'wq', 'query', 'q', 'q_a_proj'],
  ['q_b_proj'],
  ['k_proj', 'wk', 'key', 'k', 'kv_a_proj_with_mqa'],
  ['kv_b_proj'],
  ['v_proj', 'wv', 'value', 'v'],
  ['o_proj', 'wo', 'o', 'attn.c_proj', 'out_proj', 'dense'],
  ['gate', 'router', 'shared_expert_gate'],
  ['gate_up_proj'],
  ['gate_proj', 'w1', 'c_fc', 'fc1', 'dense_h_to_4h'],
  ['up_proj', 'w3'],
  ['down_proj', 'w2', 'mlp.c_proj', 'fc2', 'dense_4h_to_h'],
];
const FORWARD_NORMS = [
  ['input_layernorm', 'attention_norm', 'ln_1'],
  ['q_norm', 'q_a_layernorm'],
  ['k_norm', 'kv_a_layernorm'],
  ['post_attention_layernorm', 'ffn_norm', 'ln_2'],
  ['pre_feedforward_layernorm'],
  ['post_feedforward_layernorm'],
];

const ranks = (groups: readonly (readonly string[])[]): ReadonlyMap<string, number> =>
  new Map(groups.flatMap((names, rank) => names.map((name) => [name, rank] as const)));

const FORWARD_RANK = ranks(FORWARD);
const NORM_RANK = ranks(FORWARD_NORMS);

type Key = readonly number[];

function rankIn(table: ReadonlyMap<string, number>, module: string): number {
  return table.get(module) ?? table.get(module.split('.').at(-1) ?? module) ?? table.size;
}

/** Embedding, layers, last norm, head, everything else. */
function placeOf({ layer, kind, module }: TensorRole): number {
  if (layer !== null) return 1;
  if (module.includes('.')) return 4;
  if (kind === 'embedding') return 0;
  if (isNormModule(module)) return 2;
  return kind === 'head' ? 3 : 4;
}

/** Sorting asks for the key of a role again and again. */
const MODULE_KEYS = new WeakMap<TensorRole, Key>();

function moduleKey(role: TensorRole): Key {
  const known = MODULE_KEYS.get(role);
  if (known) return known;
  const key = newModuleKey(role);
  MODULE_KEYS.set(role, key);
  return key;
}

function newModuleKey({ module, kind }: TensorRole): Key {
  if (FORWARD_RANK.has(module) || FORWARD_RANK.has(module.split('.').at(-1) ?? '')) {
    return [0, rankIn(FORWARD_RANK, module)];
  }
  if (isNormModule(module)) return [2, rankIn(NORM_RANK, module)];
  return kind === 'other' ? [3, 0] : [1, 0];
}

function compareKeys(a: Key, b: Key): number {
  for (const [i, value] of a.entries()) {
    if (value !== b[i]) return value - (b[i] ?? 0);
  }
  return 0;
}

const parameterRank = (parameter: string): number =>
  parameter === 'weight' ? 0 : parameter === 'bias' ? 1 : 2;

function compareModules(a: TensorRole, b: TensorRole): number {
  return compareKeys(moduleKey(a), moduleKey(b)) || naturalOrder(a.module, b.module);
}

/** Orders tensors as the model uses them: embedding, layers with their modules, last norm, head, everything else. */
export function compareRoles(a: TensorRole, b: TensorRole): number {
  return (
    placeOf(a) - placeOf(b) ||
    (a.layer ?? 0) - (b.layer ?? 0) ||
    compareModules(a, b) ||
    parameterRank(a.parameter) - parameterRank(b.parameter) ||
    naturalOrder(a.tensor, b.tensor)
  );
}

/** What the axes of a layer-by-module map are. */
export interface ModelOrder {
  readonly layers: readonly number[];
  /** Modules inside the layers, matrices in forward order, then norms. */
  readonly modules: readonly string[];
  /** Modules outside the layers: embedding, last norm, head, others. */
  readonly outside: readonly string[];
}

/** Layers and modules of a model in the order in which it uses them, each once. */
export function modelOrder(roles: readonly TensorRole[]): ModelOrder {
  const inside = roles.filter(({ layer }) => layer !== null).toSorted(compareModules);
  const outside = roles.filter(({ layer }) => layer === null).toSorted(compareRoles);
  return {
    layers: [...new Set(inside.map(({ layer }) => layer ?? 0))].sort((a, b) => a - b),
    modules: [...new Set(inside.map(({ module }) => module))],
    outside: [...new Set(outside.map(({ module }) => module))],
  };
}
