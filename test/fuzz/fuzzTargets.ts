import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAdapterConfig } from '../../src-main/checkpoint/adapter/parseAdapterConfig.ts';
import { readGgufHeader } from '../../src-main/checkpoint/gguf/readGgufHeader.ts';
import { readPytorchHeader } from '../../src-main/checkpoint/pytorch/readPytorchHeader.ts';
import { readModelConfig } from '../../src-main/checkpoint/readModelConfig.ts';
import { readSafetensorsHeader } from '../../src-main/checkpoint/readSafetensorsHeader.ts';
import { readShardIndex } from '../../src-main/checkpoint/readShardIndex.ts';
import { rawSafetensors, safetensorsBytes } from '../fixtures/checkpoints.ts';
import {
  SAFETENSORS_TOKENS,
  INDEX_TOKENS,
  CONFIG_TOKENS,
  PICKLE_TOKENS,
  ZIP_TOKENS,
  GGUF_TOKENS,
  ADAPTER_TOKENS,
} from './fuzzTokens.ts';
import { archive, dict, global, legacyFile, pickle, SIX, tensor, text } from '../fixtures/pytorchFiles.ts';

/** A parser under random input. */
export interface FuzzTarget {
  /** On the command line, and the folder of its corpus. */
  readonly name: string;
  /** Name of the file that is written for it. */
  readonly file: string;
  /** Must return, or throw a PolarimeterError. */
  readonly parse: (path: string) => unknown;
  /** Inputs to start from, beside the corpus. */
  readonly seeds: () => readonly Uint8Array[];
  /** Pieces of text that the format is made of. */
  readonly tokens: readonly string[];
  /** Makes a file of an input, where a length or a container would hide the parser behind it. */
  readonly wrap?: (input: Uint8Array) => Uint8Array;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const FIXTURES = join(import.meta.dirname, '../fixtures/pytorch');
const LARGEST_SEED = 3000;

function filesOf(folder: string, extension: string): Uint8Array[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .map((file) => readFileSync(join(folder, file)));
}

/** What PyTorch saved, the small ones. */
function saved(): Uint8Array[] {
  const files = ['torch-1.13', 'torch-2.13'].flatMap((version) => filesOf(join(FIXTURES, version), '.pt'));
  return files.filter((bytes) => bytes.length <= LARGEST_SEED);
}

/** The headers of what llama.cpp wrote, without most of the weights. */
function written(): Uint8Array[] {
  const files = filesOf(join(import.meta.dirname, '../fixtures/gguf'), '.gguf');
  return files.map((bytes) => bytes.subarray(0, LARGEST_SEED));
}

const TENSORS = [
  { name: 'a', dtype: 'F32', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
  { name: 'b', dtype: 'BF16', shape: [4], data: [1, 2, 3, 4] },
];
const HEADERS = [
  { __metadata__: { format: 'pt' }, a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] } },
  { a: { dtype: 'U8', shape: [24], data_offsets: [0, 24], extra: [{}, null, true] } },
];
const CONFIGS = [
  { model_type: 'qwen2', architectures: ['A'], hidden_size: 8, num_attention_heads: 2, num_hidden_layers: 2 },
  {
    text_config: { hidden_size: 8, head_dim: 4 },
    tie_word_embeddings: true,
    quantization_config: { quant_method: 'fp8' },
  },
];
const STREAMS = [
  pickle(dict({ w: tensor() })),
  pickle(global('collections', 'OrderedDict'), ')R}', text('_metadata'), 'Nsb'),
];

/** Every parser of files that strangers wrote. A new one is one line. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'safetensors',
    file: 'a.safetensors',
    parse: readSafetensorsHeader,
    tokens: SAFETENSORS_TOKENS,
    seeds: () => [safetensorsBytes(TENSORS)],
  },
  {
    name: 'safetensors-json',
    file: 'a.safetensors',
    parse: readSafetensorsHeader,
    tokens: SAFETENSORS_TOKENS,
    seeds: () => HEADERS.map(json),
    wrap: (input) => rawSafetensors({ header: Buffer.from(input).toString('utf8'), data: SIX }),
  },
  {
    name: 'pytorch',
    file: 'a.bin',
    parse: readPytorchHeader,
    tokens: [...ZIP_TOKENS, ...PICKLE_TOKENS],
    seeds: saved,
  },
  {
    name: 'pickle',
    file: 'a.bin',
    parse: readPytorchHeader,
    tokens: PICKLE_TOKENS,
    seeds: () => STREAMS,
    wrap: (input) => archive(input),
  },
  {
    name: 'pickle-legacy',
    file: 'a.bin',
    parse: readPytorchHeader,
    tokens: PICKLE_TOKENS,
    seeds: () => [dict({ w: tensor() })],
    wrap: (input) => legacyFile(input),
  },
  {
    name: 'gguf',
    file: 'a.gguf',
    parse: (path) => readGgufHeader(path),
    tokens: GGUF_TOKENS,
    seeds: written,
  },
  {
    name: 'adapter-config',
    file: 'adapter_config.json',
    parse: (path) => parseAdapterConfig(readFileSync(path, 'utf8'), path),
    tokens: ADAPTER_TOKENS,
    seeds: () => [
      json({ peft_type: 'LORA', r: 8, lora_alpha: 16, target_modules: ['q_proj'], bias: 'none' }),
    ],
  },
  {
    name: 'shard-index',
    file: 'model.safetensors.index.json',
    parse: readShardIndex,
    tokens: INDEX_TOKENS,
    seeds: () => [json({ metadata: { total_size: 1 }, weight_map: { a: 'x.safetensors' } })],
  },
  {
    name: 'config',
    file: 'config.json',
    parse: (path) => readModelConfig(dirname(path)),
    tokens: CONFIG_TOKENS,
    seeds: () => CONFIGS.map(json),
  },
];
