/** How the tensors of one architecture are called in Hugging Face checkpoints, and what llama.cpp's converter did to them. */
export interface GgufNaming {
  /** Value of model_type in config.json. */
  readonly modelType: string;
  /** What stands before the number of a layer. */
  readonly layers: string;
  /** Modules outside the layers. */
  readonly outer: ReadonlyMap<string, string>;
  /** Modules of a layer. */
  readonly inner: ReadonlyMap<string, string>;
  /** Rows of q and k are stored pair by pair, as the original Llama code rotates them, not half by half. */
  readonly isInterleaved: boolean;
  /** Weights of norms are stored plus one. */
  readonly hasShiftedNorms: boolean;
  /** Layer matrices are stored as (outputs, inputs) though Hugging Face has (inputs, outputs). */
  readonly isTransposed: boolean;
}

type Names = Readonly<Record<string, string>>;

const OUTER: Names = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' };

const ATTENTION: Names = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_qkv: 'self_attn.qkv_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
};

const DENSE: Names = {
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/**
 * All experts of a layer lie in one tensor of shape [experts, outputs, inputs]. Hugging Face has one matrix per expert
 * (`experts.3.gate_proj.weight`); the fused name leaves the number and "weight" out, and the alignment takes it apart.
 */
const EXPERTS: Names = {
  ffn_gate_inp: 'mlp.gate',
  ffn_gate_exps: 'mlp.experts.gate_proj',
  ffn_up_exps: 'mlp.experts.up_proj',
  ffn_down_exps: 'mlp.experts.down_proj',
  ffn_gate_up_exps: 'mlp.experts.gate_up_proj',
  ffn_gate_inp_shexp: 'mlp.shared_expert_gate',
  ffn_gate_shexp: 'mlp.shared_expert.gate_proj',
  ffn_up_shexp: 'mlp.shared_expert.up_proj',
  ffn_down_shexp: 'mlp.shared_expert.down_proj',
};

/** Mixtral has the architecture "llama". */
const MIXTRAL_EXPERTS: Names = {
  ffn_gate_inp: 'block_sparse_moe.gate',
  ffn_gate_exps: 'block_sparse_moe.experts.w1',
  ffn_up_exps: 'block_sparse_moe.experts.w3',
  ffn_down_exps: 'block_sparse_moe.experts.w2',
};

/** Gemma 2 and 3 have norms before and after both halves of a layer. */
const SANDWICH: Names = {
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

const GPT2_OUTER: Names = {
  token_embd: 'transformer.wte',
  position_embd: 'transformer.wpe',
  output_norm: 'transformer.ln_f',
  output: 'lm_head',
};

const GPT2_INNER: Names = {
  attn_norm: 'ln_1',
  attn_qkv: 'attn.c_attn',
  attn_output: 'attn.c_proj',
  ffn_norm: 'ln_2',
  ffn_up: 'mlp.c_fc',
  ffn_down: 'mlp.c_proj',
};

const LLAMA_INNER: Names = { ...ATTENTION, ...DENSE, ...MIXTRAL_EXPERTS };
const QWEN_INNER: Names = { ...ATTENTION, ...DENSE, ...EXPERTS };
const GEMMA_INNER: Names = { ...ATTENTION, ...DENSE };
const GEMMA2_INNER: Names = { ...GEMMA_INNER, ...SANDWICH };

interface Habits extends Partial<Pick<GgufNaming, 'isInterleaved' | 'hasShiftedNorms' | 'isTransposed'>> {
  readonly outer?: Names;
  readonly layers?: string;
}

function naming(modelType: string, inner: Names, habits: Habits = {}): GgufNaming {
  return {
    modelType,
    layers: habits.layers ?? 'model.layers',
    outer: new Map(Object.entries(habits.outer ?? OUTER)),
    inner: new Map(Object.entries(inner)),
    isInterleaved: habits.isInterleaved ?? false,
    hasShiftedNorms: habits.hasShiftedNorms ?? false,
    isTransposed: habits.isTransposed ?? false,
  };
}

/** By `general.architecture`. Read off llama.cpp's conversion scripts (conversion/*.py and gguf-py). */
export const GGUF_NAMINGS: ReadonlyMap<string, GgufNaming> = new Map([
  ['llama', naming('llama', LLAMA_INNER, { isInterleaved: true })],
  ['mistral', naming('mistral', LLAMA_INNER, { isInterleaved: true })],
  ['mistral3', naming('mistral3', LLAMA_INNER, { isInterleaved: true })],
  ['qwen2', naming('qwen2', QWEN_INNER)],
  ['qwen2moe', naming('qwen2_moe', QWEN_INNER)],
  ['qwen3', naming('qwen3', QWEN_INNER)],
  ['qwen3moe', naming('qwen3_moe', QWEN_INNER)],
  ['gemma', naming('gemma', GEMMA_INNER, { hasShiftedNorms: true })],
  ['gemma2', naming('gemma2', GEMMA2_INNER, { hasShiftedNorms: true })],
  ['gemma3', naming('gemma3_text', GEMMA2_INNER, { hasShiftedNorms: true })],
  ['phi3', naming('phi3', { ...ATTENTION, ...DENSE, ffn_up: 'mlp.gate_up_proj' })],
  ['gpt2', naming('gpt2', GPT2_INNER, { outer: GPT2_OUTER, layers: 'transformer.h', isTransposed: true })],
]);

/** The parts of a name like "blk.3.attn_q.weight". */
const INNER_NAME = /^blk\.(\d{1,6})\.([a-z0-9_]+)\.(weight|bias)$/;
const OUTER_NAME = /^([a-z0-9_]+)\.(weight|bias)$/;
/** Before 2024 every expert had a tensor of its own. */
const EXPERT_NAME = /^blk\.(\d{1,6})\.(ffn_(?:gate|up|down))\.(\d{1,6})\.weight$/;
/** Tables that the converter computes; no weights of the model. */
const ROTARY_TABLE = /^(?:blk\.\d{1,6}\.)?rope_(?:freqs|factors_long|factors_short)\.weight$/;

/** A tensor's name in Hugging Face checkpoints, and the module that it was; null for names that are not known. */
export interface KnownName {
  readonly name: string;
  /** As the file has it, e.g. "attn_q"; empty for tables that are kept as they are. */
  readonly module: string;
}

function expertName(stored: string, { layers, inner }: GgufNaming): KnownName | null {
  const [, layer = '', module = '', expert = ''] = EXPERT_NAME.exec(stored) ?? [];
  const fused = inner.get(`${module}_exps`);
  if (fused === undefined) return null;
  const at = fused.lastIndexOf('.');
  return { name: `${layers}.${layer}.${fused.slice(0, at)}.${expert}${fused.slice(at)}.weight`, module };
}

/** The Hugging Face name of a stored one. */
export function knownName(stored: string, naming: GgufNaming): KnownName | null {
  if (ROTARY_TABLE.test(stored)) return { name: stored, module: '' };
  const [, layer, module = '', parameter = ''] = INNER_NAME.exec(stored) ?? [];
  const inner = naming.inner.get(module);
  if (layer !== undefined && inner !== undefined) {
    const isFused = module.endsWith('_exps');
    if (isFused && parameter !== 'weight') return null;
    return { name: `${naming.layers}.${layer}.${inner}${isFused ? '' : `.${parameter}`}`, module };
  }
  const [, outer = '', ending = ''] = OUTER_NAME.exec(stored) ?? [];
  const name = naming.outer.get(outer);
  return name === undefined ? expertName(stored, naming) : { name: `${name}.${ending}`, module: outer };
}
