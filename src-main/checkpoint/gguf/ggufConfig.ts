import type { ModelConfig } from '../../contract/checkpoint.ts';
import type { GgufNaming } from './ggufNames.ts';
import type { GgufTensor } from './readGgufTensors.ts';
import type { GgufMetadata } from './readGgufMetadata.ts';
import { positiveCount } from './readGgufMetadata.ts';

/** A short printable word; architectures are such words. */
const WORD = /^[\w.-]{1,64}$/;

/** `general.architecture`; null where it is missing or no word. */
export function ggufArchitecture(metadata: GgufMetadata): string | null {
  const value = metadata.get('general.architecture');
  return typeof value === 'string' && WORD.test(value) ? value : null;
}

/** Files of a model that is split over several, as metadata has it; 1 where it is silent. */
const splitCount = (metadata: GgufMetadata): number => positiveCount(metadata, 'split.count') ?? 1;

function vocabularySize(
  metadata: GgufMetadata,
  architecture: string,
  tensors: readonly GgufTensor[],
): number | null {
  const declared = positiveCount(metadata, `${architecture}.vocab_size`);
  if (declared !== null) return declared;
  const [rows] = tensors.find(({ name }) => name === 'token_embd.weight')?.shape ?? [];
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const listed = typeof tokens === 'object' && tokens !== null ? tokens.length : 0;
  return (rows ?? 0) || listed || null;
}

/** Only the file that holds the whole model can say that there is no head of its own. */
function tiedEmbeddings(metadata: GgufMetadata, tensors: readonly GgufTensor[]): boolean | null {
  if (tensors.some(({ name }) => name === 'output.weight')) return false;
  return splitCount(metadata) > 1 ? null : true;
}

/** Layout of a model by the metadata of its GGUF file; null without an architecture. */
export function ggufConfig(
  metadata: GgufMetadata,
  naming: GgufNaming | null,
  tensors: readonly GgufTensor[],
): ModelConfig | null {
  const architecture = ggufArchitecture(metadata);
  if (architecture === null) return null;
  const count = (key: string): number | null => positiveCount(metadata, `${architecture}.${key}`);
  const hiddenSize = count('embedding_length');
  const attentionHeads = count('attention.head_count');
  const quotient = (hiddenSize ?? 0) / (attentionHeads ?? 1);
  const derived = attentionHeads !== null && Number.isInteger(quotient) && quotient > 0 ? quotient : null;
  const experts = count('expert_count');
  const isMixtral = architecture === 'llama' && experts !== null;
  return {
    modelType: isMixtral ? 'mixtral' : (naming?.modelType ?? architecture),
    architecture: null,
    layers: count('block_count'),
    hiddenSize,
    attentionHeads,
    keyValueHeads: count('attention.head_count_kv'),
    headDim: count('attention.key_length') ?? derived,
    vocabularySize: vocabularySize(metadata, architecture, tensors),
    tiedEmbeddings: tiedEmbeddings(metadata, tensors),
    scaleBlock: null,
    experts,
    intermediateSize: count('feed_forward_length'),
    expertIntermediateSize: count('expert_feed_forward_length'),
  };
}
