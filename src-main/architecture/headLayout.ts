import type { ModelConfig, TensorRole } from '../contract/checkpoint.ts';
import type { OutputAxis } from './linearOutputs.ts';

type Heads = NonNullable<TensorRole['heads']>;

const QUERY = new Set(['q_proj', 'wq', 'query', 'q']);
const KEY = new Set(['k_proj', 'wk', 'key', 'k']);
const VALUE = new Set(['v_proj', 'wv', 'value', 'v']);
const OUTPUT = new Set(['o_proj', 'out_proj', 'wo', 'o']);
/** Modules whose last name part is that of others as well. */
const LONG_OUTPUT = new Set(['dense', 'attention.dense', 'self_attention.dense', 'attn.c_proj', 'attn.Wo']);

/** What a module of a layer is in its attention; null for everything else. */
export function attentionPart(module: string): 'query' | 'key' | 'value' | 'output' | null {
  const last = module.split('.').at(-1) ?? module;
  if (QUERY.has(last)) return 'query';
  if (KEY.has(last)) return 'key';
  if (VALUE.has(last)) return 'value';
  return OUTPUT.has(last) || LONG_OUTPUT.has(module) ? 'output' : null;
}

/** Whether the heads of an attention matrix lie along its outputs, and how many there are; null where it has none. */
function sideOf(
  module: string,
  config: ModelConfig,
): { side: 'outputs' | 'inputs'; count: number | null } | null {
  const part = attentionPart(module);
  if (part === null) return null;
  const count = part === 'key' || part === 'value' ? config.keyValueHeads : null;
  return { side: part === 'output' ? 'inputs' : 'outputs', count: count ?? config.attentionHeads };
}

/**
 * Head layout of a weight matrix, as config.json has it and the shape confirms it.
 * @param outputs which axis runs over the outputs of the layer
 * @param normSize length of the layer's query norm, which gives the head size where the config is silent; or null
 */
export function headLayout(
  module: string,
  shape: readonly number[],
  config: ModelConfig | null,
  { normSize, outputs }: { readonly normSize: number | null; readonly outputs: OutputAxis },
): Heads | null {
  if (config === null || shape.length !== 2) return null;
  const layout = sideOf(module, config);
  const size = config.headDim ?? normSize;
  if (!layout || size === null) return null;
  const other = outputs === 'rows' ? 'columns' : 'rows';
  const axis = layout.side === 'outputs' ? outputs : other;
  const length = shape[axis === 'columns' ? 1 : 0] ?? 0;
  const count = layout.count ?? length / size;
  return count >= 1 && Number.isInteger(count) && count * size === length ? { axis, count, size } : null;
}
