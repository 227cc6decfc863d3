import { join } from 'node:path';
import type { ModelConfig } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { isJsonFields as isFields, type JsonFields as Fields, readJsonFields } from './readJsonFields.ts';

export interface ConfigReading {
  /** Null when the folder has no config.json. */
  readonly config: ModelConfig | null;
  /** Declared quantisation method, e.g. "fp8"; null without one. */
  readonly quantization: string | null;
}

const LARGEST_CONFIG = 4_000_000;
const LONGEST_TEXT = 200;
/** Where multimodal configurations keep the language model. */
const TEXT_CONFIGS = ['text_config', 'llm_config', 'language_config'];

const field = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

function firstCount(sources: readonly Fields[], names: readonly string[]): number | null {
  for (const source of sources) {
    for (const name of names) {
      const value = field(source, name);
      if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    }
  }
  return null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LONGEST_TEXT ? value.replace(/\p{Cc}/gu, ' ') : null;
}

function tied(sources: readonly Fields[]): boolean | null {
  for (const source of sources) {
    const value = field(source, 'tie_word_embeddings');
    if (typeof value === 'boolean') return value;
  }
  return null;
}

const isBlock = (value: unknown): value is [number, number] =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((each) => typeof each === 'number' && Number.isSafeInteger(each) && each > 0);

/** Blocks that share a scale, as DeepSeek-V3 declares them or compressed-tensors does for its first group of layers. */
function scaleBlock(sources: readonly Fields[]): ModelConfig['scaleBlock'] {
  const declared = sources.map((source) => field(source, 'quantization_config')).find(isFields);
  if (!declared) return null;
  const groups = field(declared, 'config_groups');
  const [group] = isFields(groups) ? Object.values(groups) : [];
  const weights = isFields(group) ? field(group, 'weights') : undefined;
  const blocks = [
    field(declared, 'weight_block_size'),
    isFields(weights) ? field(weights, 'block_structure') : undefined,
  ];
  return blocks.find(isBlock) ?? null;
}

/** Picks the layout out of a parsed config.json; fields that are missing or of a wrong type are null. */
export function toModelConfig(outer: Fields): ModelConfig {
  const inner = TEXT_CONFIGS.map((name) => field(outer, name)).find(isFields);
  const sources = inner ? [inner, outer] : [outer];
  const architectures = field(outer, 'architectures');
  const hiddenSize = firstCount(sources, ['hidden_size', 'n_embd', 'd_model']);
  const attentionHeads = firstCount(sources, ['num_attention_heads', 'n_head', 'num_heads']);
  const quotient = (hiddenSize ?? 0) / (attentionHeads ?? 1);
  const derived = attentionHeads !== null && Number.isInteger(quotient) && quotient > 0 ? quotient : null;
  return {
    modelType: text(field(outer, 'model_type')),
    architecture: Array.isArray(architectures) ? text(architectures[0]) : null,
    layers: firstCount(sources, ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers']),
    hiddenSize,
    attentionHeads,
    keyValueHeads: firstCount(sources, ['num_key_value_heads', 'num_kv_heads']),
    headDim: firstCount(sources, ['head_dim']) ?? derived,
    vocabularySize: firstCount(sources, ['vocab_size', 'padded_vocab_size']),
    tiedEmbeddings: tied([outer, ...sources]),
    scaleBlock: scaleBlock([outer, ...sources]),
    experts: firstCount(sources, ['num_experts', 'n_routed_experts', 'num_local_experts']),
    intermediateSize: firstCount(sources, ['intermediate_size', 'n_inner', 'ffn_hidden_size']),
    expertIntermediateSize: firstCount(sources, ['moe_intermediate_size']),
  };
}

function quantizationOf(outer: Fields): string | null {
  const declared = field(outer, 'quantization_config');
  if (!isFields(declared)) return null;
  return text(field(declared, 'quant_method')) ?? 'of an unnamed method';
}

/**
 * Reads config.json of a folder. Nothing in it is executed, and only its layout fields are kept.
 * Fails with config-invalid when the file is no JSON object.
 */
export function readModelConfig(folder: string): ConfigReading {
  const path = join(folder, 'config.json');
  try {
    const fields = readJsonFields(path, LARGEST_CONFIG, 'config-invalid');
    return { config: toModelConfig(fields), quantization: quantizationOf(fields) };
  } catch (error) {
    if (error instanceof PolarimeterError && error.code === 'path-not-found')
      return { config: null, quantization: null };
    throw error;
  }
}
