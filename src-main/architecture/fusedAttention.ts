import type { ModelConfig } from '../contract/checkpoint.ts';
import type { FusedPart, OutputAxis, Splitting } from './linearOutputs.ts';
import { consecutive } from './linearOutputs.ts';
import { modelTypeOf } from './modelTypeOf.ts';

interface Layout {
  readonly module: string;
  readonly models: RegExp;
  /** All queries, all keys, all values; or groups of queries with their one key and one value. */
  readonly order: 'consecutive' | 'grouped';
  readonly axis: OutputAxis;
}

/** The layouts of fused attention, from the attention classes of transformers and of the models' own code. */
const LAYOUTS: readonly Layout[] = [
  // Phi3Attention cuts its projection at heads * size and again at key-value heads * size.
  { module: 'qkv_proj', models: /^phi-?[34]/, order: 'consecutive', axis: 'rows' },
  // Baichuan unflattens into (3, hidden).
  { module: 'W_pack', models: /^baichuan/, order: 'consecutive', axis: 'rows' },
  // MptAttention, DbrxAttention and ModernBertAttention chunk or view as (3, heads, size).
  { module: 'Wqkv', models: /^(?:mpt|dbrx|modernbert)/, order: 'consecutive', axis: 'rows' },
  // GPT2Attention splits the last axis of Conv1D, which stores (inputs, outputs).
  { module: 'c_attn', models: /^gpt2/, order: 'consecutive', axis: 'columns' },
  { module: 'c_attn', models: /^qwen(?:lm|$)/, order: 'consecutive', axis: 'rows' },
  // GPTBigCodeAttention: (heads, 3, size), or one key and one value for all heads.
  { module: 'c_attn', models: /^gptbigcode/, order: 'grouped', axis: 'rows' },
  // GPTNeoXAttention, BloomAttention, PersimmonAttention: (heads, 3, size); FalconAttention: (groups, queries + 2, size).
  {
    module: 'query_key_value',
    models: /^(?:gptneox|bloom|persimmon|falcon|refinedweb)/,
    order: 'grouped',
    axis: 'rows',
  },
  // InternLM2Attention rearranges into (groups, queries + 2, size), also inside InternVL.
  { module: 'wqkv', models: /^(?:internlm2|internvl)/, order: 'grouped', axis: 'rows' },
];

const MODULES = new Set(LAYOUTS.map(({ module }) => module));
/** Falcon may declare as many key-value heads as heads and store one, where multi_query is set. */
const MULTI_QUERY = /^(?:falcon|refinedweb|gptbigcode)/;

interface Heads {
  readonly queries: number;
  readonly groups: number;
  readonly size: number;
}

/** Heads of queries and of keys that add up to so many outputs; or why they do not. */
function headsOf(outputs: number, config: ModelConfig): Heads | string {
  const { attentionHeads: queries, headDim: size, keyValueHeads } = config;
  if (queries === null || size === null) return 'config.json does not give the number and size of heads';
  const groups = (outputs / size - queries) / 2;
  const isDeclared =
    keyValueHeads === null ||
    keyValueHeads === groups ||
    (groups === 1 && MULTI_QUERY.test(modelTypeOf(config)));
  if (!Number.isInteger(groups) || groups < 1 || queries % groups !== 0 || !isDeclared) {
    const declared = `${String(queries)} heads of ${String(size)} with ${String(keyValueHeads ?? queries)} for keys and values`;
    return `its ${String(outputs)} outputs are not ${declared}`;
  }
  return { queries, groups, size };
}

function groupedParts({ queries, groups, size }: Heads): FusedPart[] {
  const each = (queries / groups) * size;
  const stride = each + 2 * size;
  const run = (module: string, start: number, length: number): FusedPart => ({
    module,
    outputs: { start, axis: { sizes: [groups, length], strides: [stride, 1] } },
  });
  return [run('q_proj', 0, each), run('k_proj', each, size), run('v_proj', each + size, size)];
}

/** torch.nn.MultiheadAttention stacks three square matrices, whatever the model. */
function torchParts(shape: readonly number[]): Splitting {
  const third = (shape[0] ?? 0) / 3;
  const isSquare = Number.isInteger(third) && third >= 1 && (shape.length === 1 || shape[1] === third);
  if (!isSquare) return 'it is not three square matrices';
  const parts = consecutive([
    ['q_proj', third],
    ['k_proj', third],
    ['v_proj', third],
  ]);
  return { parts, axis: 'rows' };
}

/** The axis of the outputs, where the other one is that of the model's hidden state; null where the shape is another. */
function outputsAxis(
  shape: readonly number[],
  { axis }: Pick<Layout, 'axis'>,
  hidden: number | null,
): 0 | 1 | null {
  if (shape.length === 1) return 0;
  const along = axis === 'rows' ? 0 : 1;
  return shape.length === 2 && shape[1 - along] === hidden ? along : null;
}

function partsOf({ queries, groups, size }: Heads, order: Layout['order']): FusedPart[] {
  if (order === 'grouped' && groups > 1) return groupedParts({ queries, groups, size });
  return consecutive([
    ['q_proj', queries * size],
    ['k_proj', groups * size],
    ['v_proj', groups * size],
  ]);
}

/**
 * How a layer that makes queries, keys and values in one comes apart; null for any other module, the reason in words where
 * config.json and the shape do not agree on one way. A GGUF file has them one after the other, whatever the model.
 */
export function fusedAttention(
  module: string,
  shape: readonly number[],
  { config, isGguf }: { readonly config: ModelConfig | null; readonly isGguf: boolean },
): Splitting | null {
  if (module === 'in_proj') return torchParts(shape);
  if (!MODULES.has(module)) return null;
  if (config === null) return 'there is no config.json to say where queries end';
  const type = modelTypeOf(config);
  const known = LAYOUTS.find((each) => each.module === module && each.models.test(type));
  const layout = isGguf ? { order: 'consecutive' as const, axis: known?.axis ?? 'rows' } : known;
  if (!layout) return `the order of its outputs is not known for model type "${type}"`;
  const along = outputsAxis(shape, layout, config.hiddenSize);
  if (along === null) {
    return `its shape [${shape.join(', ')}] is not that of ${String(config.hiddenSize)} inputs`;
  }
  const heads = headsOf(shape[along] ?? 0, config);
  return typeof heads === 'string' ? heads : { parts: partsOf(heads, layout.order), axis: layout.axis };
}
