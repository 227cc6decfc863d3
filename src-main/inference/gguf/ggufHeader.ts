import type { GgufEntries, GgufValue } from './ggufValues.ts';

/** Element types that are written, with their numbers in ggml and bytes per element. */
export const GGUF_DTYPES = {
  F32: { ggml: 0, bytes: 4 },
  F16: { ggml: 1, bytes: 2 },
  BF16: { ggml: 30, bytes: 2 },
} as const;
export type GgufDtype = keyof typeof GGUF_DTYPES;

export interface GgufTensorEntry {
  readonly name: string;
  readonly dtype: GgufDtype;
  /** Row-major, as in checkpoints; the file has the contiguous dimension first. */
  readonly shape: readonly number[];
}

/** A small tensor that is computed from the configuration, e.g. factors of rotary frequencies. */
export interface GgufTable {
  readonly name: string;
  readonly values: Float32Array;
}

export interface GgufLayout {
  /** Everything before the first weight: metadata, the list of tensors, and the tables. */
  readonly header: Uint8Array;
  /** Absolute, in the order of the tensors. */
  readonly offsets: readonly number[];
  /** Of the whole file. */
  readonly bytes: number;
}

const MAGIC = 0x46554747;
const VERSION = 3;
export const GGUF_ALIGNMENT = 32;

/** Numbers of value types in the format. */
const TYPE = { u8: 0, i32: 5, u32: 4, f32: 6, bool: 7, text: 8, array: 9 } as const;

const aligned = (bytes: number): number => Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Bytes of a tensor in the file, without padding. */
export const ggufBytes = ({ dtype, shape }: GgufTensorEntry): number =>
  elements(shape) * GGUF_DTYPES[dtype].bytes;

function packed(bytes: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  return new Uint8Array(view.buffer);
}

const asU32 = (value: number): Uint8Array =>
  packed(4, (view) => {
    view.setUint32(0, value, true);
  });
const asU64 = (value: number): Uint8Array =>
  packed(8, (view) => {
    view.setBigUint64(0, BigInt(value), true);
  });

function asText(value: string): Uint8Array[] {
  const utf8 = Buffer.from(value, 'utf8');
  return [asU64(utf8.length), utf8];
}

const asArray = (type: number, count: number, content: readonly Uint8Array[]): Uint8Array[] => [
  asU32(TYPE.array),
  asU32(type),
  asU64(count),
  ...content,
];

/** Texts in two buffers: a vocabulary has hundreds of thousands. */
function asTexts(values: readonly string[]): Uint8Array[] {
  const sizes = values.map((value) => Buffer.byteLength(value, 'utf8'));
  const all = Buffer.alloc(sizes.reduce((sum, size) => sum + 8 + size, 0));
  let at = 0;
  for (const [i, value] of values.entries()) {
    all.writeBigUInt64LE(BigInt(sizes[i] ?? 0), at);
    all.write(value, at + 8, 'utf8');
    at += 8 + (sizes[i] ?? 0);
  }
  return asArray(TYPE.text, values.length, [all]);
}

function asNumbers(type: 'i32' | 'f32', values: readonly number[]): Uint8Array[] {
  const content = packed(4 * values.length, (view) => {
    for (const [i, value] of values.entries()) {
      if (type === 'i32') view.setInt32(4 * i, value, true);
      else view.setFloat32(4 * i, value, true);
    }
  });
  return asArray(TYPE[type], values.length, [content]);
}

function encoded(value: GgufValue): Uint8Array[] {
  switch (value.type) {
    case 'u32':
      return [asU32(TYPE.u32), asU32(value.value)];
    case 'f32':
      return [
        asU32(TYPE.f32),
        packed(4, (view) => {
          view.setFloat32(0, value.value, true);
        }),
      ];
    case 'bool':
      return [asU32(TYPE.bool), Uint8Array.of(value.value ? 1 : 0)];
    case 'text':
      return [asU32(TYPE.text), ...asText(value.value)];
    case 'texts':
      return asTexts(value.values);
    case 'i32s':
      return asNumbers('i32', value.values);
    case 'f32s':
      return asNumbers('f32', value.values);
    case 'bools':
      return asArray(TYPE.bool, value.values.length, [
        Uint8Array.from(value.values, (each) => (each ? 1 : 0)),
      ]);
    case 'u8s':
      return asArray(TYPE.u8, value.values.length, [value.values]);
  }
}

const tensorEntry = ({ name, dtype, shape }: GgufTensorEntry, offset: number): Uint8Array[] => [
  ...asText(name),
  asU32(shape.length),
  ...shape.toReversed().map(asU64),
  asU32(GGUF_DTYPES[dtype].ggml),
  asU64(offset),
];

/**
 * Lays out a GGUF file, version 3, alignment 32: metadata, the list of tensors, then their bytes, tables first. Tables are part of the
 * header, so that all that is left to write is weights.
 */
export function ggufHeader(
  metadata: GgufEntries,
  tables: readonly GgufTable[],
  tensors: readonly GgufTensorEntry[],
): GgufLayout {
  const tableEntries = tables.map(({ name, values }): GgufTensorEntry => ({
    name,
    dtype: 'F32',
    shape: [values.length],
  }));
  const entries = [...tableEntries, ...tensors];
  let end = 0;
  const places = entries.map((entry) => {
    const at = end;
    end = aligned(at + ggufBytes(entry));
    return at;
  });
  const head = Buffer.concat([
    asU32(MAGIC),
    asU32(VERSION),
    asU64(entries.length),
    asU64(metadata.length),
    ...metadata.flatMap(([key, value]) => [...asText(key), ...encoded(value)]),
    ...entries.flatMap((entry, i) => tensorEntry(entry, places[i] ?? 0)),
  ]);
  const start = aligned(head.length);
  const header = new Uint8Array(start + (places[tables.length] ?? end));
  header.set(head);
  for (const [i, { values }] of tables.entries()) {
    header.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start + (places[i] ?? 0));
  }
  return { header, offsets: places.slice(tables.length).map((at) => start + at), bytes: start + end };
}
