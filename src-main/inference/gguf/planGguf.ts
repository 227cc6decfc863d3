import type { Checkpoint } from '../../contract/checkpoint.ts';
import { ggufHeader } from './ggufHeader.ts';
import { ggufBytes } from './ggufHeader.ts';
import { ggufModel } from './ggufModel.ts';
import { text, u32, type GgufEntries } from './ggufValues.ts';
import { readModelFiles } from './modelFiles.ts';
import { type GgufWeights, type PlannedTensor, planTensors } from './planTensors.ts';
import { convertTokenizer } from './tokenizer/convertTokenizer.ts';
import type { PromptForm } from './promptText.ts';

/** One weight of the converted file: where it lies, and what it is made of. */
export interface GgufTensor extends PlannedTensor {
  /** First byte in the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** A converted model that is not written yet. */
export interface GgufPlan {
  /** Everything before the first weight. */
  readonly header: Uint8Array;
  /** Of the whole file. */
  readonly bytes: number;
  readonly tensors: readonly GgufTensor[];
  /** What every prompt must go through first, see promptText. */
  readonly prompt: PromptForm;
  /** Numbers of the tokens at which answers end. llama.cpp takes more tokens for ends, by their texts. */
  readonly ends: readonly number[];
  readonly warnings: readonly string[];
}

/** The element type that most weights have, by llama.cpp's numbers of file types. */
function fileType(tensors: readonly PlannedTensor[]): number {
  const matrices = tensors.filter(({ shape }) => shape.length > 1).map(({ dtype }) => dtype);
  if (matrices.includes('BF16')) return 32;
  return matrices.includes('F16') ? 1 : 0;
}

/**
 * Plans the conversion of a checkpoint, or of a recipe whose tensors need not be made yet, for llama.cpp. Reads headers and small files only.
 * Fails with model-unsupported, tokenizer-missing, tokenizer-unsupported, config-invalid.
 */
export function planGguf(checkpoint: Checkpoint, weights: GgufWeights): GgufPlan {
  const files = readModelFiles(checkpoint);
  const model = ggufModel(checkpoint, files.config);
  const { architecture } = model.family;
  const { tensors, vocabulary, warnings } = planTensors(checkpoint, model, weights);
  const tokenizer = convertTokenizer(files, vocabulary);
  // No name: llama.cpp treats some names specially.
  const metadata: GgufEntries = [
    ['general.architecture', text(architecture)],
    ['general.file_type', u32(fileType(tensors))],
    ['general.quantization_version', u32(2)],
    ...model.metadata,
    [`${architecture}.vocab_size`, u32(vocabulary)],
    ...tokenizer.metadata,
  ];
  const { header, offsets, bytes } = ggufHeader(metadata, model.tables, tensors);
  return {
    header,
    bytes,
    tensors: tensors.map((tensor, i) => ({ ...tensor, offset: offsets[i] ?? 0, bytes: ggufBytes(tensor) })),
    prompt: tokenizer.prompt,
    ends: tokenizer.ends,
    warnings: [...model.warnings, ...warnings, ...tokenizer.warnings],
  };
}
