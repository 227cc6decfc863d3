import type { ModelConfig, TensorRole } from '../contract/checkpoint.ts';

type Heads = NonNullable<TensorRole['heads']>;

const QUERY = new Set(['q_proj', 'wq', 'query', 'q']);
const KEY_VALUE = new Set(['k_proj', 'v_proj', 'wk', 'wv', 'key', 'value', 'k', 'v']);
const OUTPUT = new Set(['o_proj', 'out_proj', 'wo', 'o']);

/** Which axis of an attention matrix runs over heads, and how many there are; null where it has none. */
function axisOf(module: string, config: ModelConfig): { axis: Heads['axis']; count: number | null } | null {
  const last = module.split('.').at(-1) ?? module;
  if (QUERY.has(last)) return { axis: 'rows', count: config.attentionHeads };
  if (KEY_VALUE.has(last)) return { axis: 'rows', count: config.keyValueHeads ?? config.attentionHeads };
  return OUTPUT.has(last) ? { axis: 'columns', count: config.attentionHeads } : null;
}

/**
 * Head layout of a weight matrix stored as (outputs, inputs), as config.json has it and the shape confirms it.
 * normSize is the length of the layer's query norm, which gives the head size where the config is silent; or null.
 */
export function headLayout(
  module: string,
  shape: readonly number[],
  config: ModelConfig | null,
  normSize: number | null,
): Heads | null {
  if (config === null || shape.length !== 2) return null;
  const layout = axisOf(module, config);
  const length = shape[layout?.axis === 'columns' ? 1 : 0] ?? 0;
  const size = config.headDim ?? normSize;
  if (!layout || size === null) return null;
  const count = layout.count ?? length / size;
  return count >= 1 && Number.isInteger(count) && count * size === length
    ? { axis: layout.axis, count, size }
    : null;
}
