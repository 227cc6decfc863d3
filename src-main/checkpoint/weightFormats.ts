import type { Checkpoint } from '../contract/checkpoint.ts';

/** One way of storing weights in files, told by their names. */
export interface WeightFormat {
  readonly id: 'safetensors' | 'pytorch' | 'gguf';
  readonly title: string;
  /** Names of files that can hold the weights of a model. */
  readonly files: RegExp;
  /** The name that a model in one file has by custom; it wins over everything beside it. */
  readonly usual: RegExp;
  /** Ending of a shard index; null where there is no index. */
  readonly indexSuffix: string | null;
  readonly usualIndex: string | null;
  readonly extension: RegExp;
  /** Formats of a checkpoint made of one file of a folder, of several, or named by its file. */
  readonly single: Checkpoint['format'];
  readonly sharded: Checkpoint['format'];
  readonly named: Checkpoint['format'];
}

const SAFETENSORS: WeightFormat = {
  id: 'safetensors',
  title: 'safetensors',
  files: /\.safetensors$/,
  usual: /^model\.safetensors$/,
  indexSuffix: '.safetensors.index.json',
  usualIndex: 'model.safetensors.index.json',
  extension: /\.safetensors$/,
  single: 'safetensors',
  sharded: 'safetensors-sharded',
  named: 'safetensors-file',
};

const PYTORCH: WeightFormat = {
  id: 'pytorch',
  title: 'PyTorch',
  files: /\.(?:bin|pt|pth|ckpt)$/,
  usual: /^pytorch_model\.bin$/,
  indexSuffix: '.bin.index.json',
  usualIndex: 'pytorch_model.bin.index.json',
  extension: /\.(?:bin|pt|pth|ckpt)$/,
  single: 'pytorch',
  sharded: 'pytorch-sharded',
  named: 'pytorch-file',
};

const GGUF: WeightFormat = {
  id: 'gguf',
  title: 'GGUF',
  files: /\.gguf$/i,
  usual: /(?!)/,
  indexSuffix: null,
  usualIndex: null,
  extension: /\.gguf$/i,
  single: 'gguf',
  sharded: 'gguf-sharded',
  named: 'gguf',
};

/** Every format that is read; of several in one folder the first one is the model, as in the transformers library. */
export const WEIGHT_FORMATS: readonly WeightFormat[] = [SAFETENSORS, PYTORCH, GGUF];

/** The format of a file by its name; null when the name says nothing. */
export function formatOfFile(name: string): WeightFormat | null {
  return WEIGHT_FORMATS.find(({ extension }) => extension.test(name)) ?? null;
}

/** The format whose shard indexes are named so; null when it is no index. */
export function formatOfIndex(name: string): WeightFormat | null {
  return WEIGHT_FORMATS.find(({ indexSuffix }) => indexSuffix !== null && name.endsWith(indexSuffix)) ?? null;
}
