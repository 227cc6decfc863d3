import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPytorchHeader } from '../../src-main/checkpoint/pytorch/readPytorchHeader.ts';
import { readModelConfig } from '../../src-main/checkpoint/readModelConfig.ts';
import { readSafetensorsHeader } from '../../src-main/checkpoint/readSafetensorsHeader.ts';
import { readShardIndex } from '../../src-main/checkpoint/readShardIndex.ts';
import { rawSafetensors, safetensorsBytes } from '../fixtures/checkpoints.ts';
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
const JSON_TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\u0000',
  '\\',
  'null',
  'true',
  '1e999',
  '""',
  ' ',
  '{"a":',
];
const SAFETENSORS_TOKENS = [
  ...JSON_TOKENS,
  '"dtype":"F32"',
  '"shape":[2,3]',
  '"data_offsets":[0,24]',
  '"__metadata__":{}',
];
const INDEX_TOKENS = [
  ...JSON_TOKENS,
  '"weight_map"',
  'model-00001-of-00002.safetensors',
  '../',
  '.safetensors',
];
const CONFIG_TOKENS = [
  ...JSON_TOKENS,
  'NaN',
  '-Infinity',
  '"hidden_size"',
  '"text_config"',
  '"num_attention_heads"',
  '"tie_word_embeddings"',
];
const PICKLE_TOKENS = [
  ...[
    '(',
    't',
    '}',
    ']',
    'u',
    's',
    'e',
    'a',
    'R',
    'b',
    'Q',
    '0',
    '1',
    '2',
    'N',
    ')',
    '.',
    'h\x00',
    'q\x00',
    'K\x01',
    '\x88',
    '\x89',
  ],
  ...[
    '\x85',
    '\x86',
    '\x87',
    '\x8f',
    '\x90',
    '\x91',
    '\x93',
    '\x94',
    '\x81',
    '\x8a\x01\xff',
    '\x8b\x01\x00\x00\x00\xff',
    '\x80\x05',
  ],
  ...[
    'X\x01\x00\x00\x00a',
    '\x8c\x01a',
    '\x8d\x01\x00\x00\x00\x00\x00\x00\x00a',
    'U\x01a',
    'B\x01\x00\x00\x00a',
    'C\x01a',
    'G\x00\x00\x00\x00\x00\x00\x00\x00',
  ],
  ...[
    '\x95\x00\x00\x00\x00\x00\x00\x00\x00',
    '\x96\x01\x00\x00\x00\x00\x00\x00\x00a',
    'j\x00\x00\x00\x00',
    'r\x00\x00\x00\x00',
    'M\x00\x01',
  ],
  ...[
    'ccollections\nOrderedDict\n',
    'ctorch.storage\nUntypedStorage\n',
    'ctorch\nSize\n',
    'ctorch\nfloat8_e4m3fn\n',
    'ctorch\nBFloat16Storage\n',
  ],
  ...[
    'ctorch._utils\n_rebuild_tensor_v3\n',
    'ctorch._utils\n_rebuild_parameter\n',
    'ctorch._utils\n_rebuild_qtensor\n',
    'cnumpy.core.multiarray\nscalar\n',
  ],
  ...[
    'ctorch._tensor\n_rebuild_from_type_v2\n',
    'ctorch\nTensor\n',
    'ctorch._utils\n_rebuild_tensor\n',
    'ios\nsystem\n',
    'conj',
    'neg',
    'storage',
  ],
  ...['state_dict', 'model', 'optimizer', 'param_groups', 'state'].map(
    (key) => `X${String.fromCharCode(key.length)}\0\0\0${key}`,
  ),
];
const ZIP_TOKENS = [
  'PK\x01\x02',
  'PK\x03\x04',
  'PK\x05\x06',
  'PK\x06\x06',
  'PK\x06\x07',
  '/data.pkl',
  '/byteorder',
  '\x01\x00\x10\x00',
  '\xff\xff\xff\xff',
];

const FIXTURES = join(import.meta.dirname, '../fixtures/pytorch');
const LARGEST_SEED = 3000;

/** What PyTorch saved, the small ones. */
function saved(): Uint8Array[] {
  const files = ['torch-1.13', 'torch-2.13'].flatMap((version) =>
    readdirSync(join(FIXTURES, version))
      .filter((file) => file.endsWith('.pt'))
      .map((file) => readFileSync(join(FIXTURES, version, file))),
  );
  return files.filter((bytes) => bytes.length <= LARGEST_SEED);
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
