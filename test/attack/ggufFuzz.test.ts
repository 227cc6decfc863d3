import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GGML_TYPES } from '../../src-main/checkpoint/gguf/ggmlTypes.ts';
import type { GgufHeader } from '../../src-main/checkpoint/gguf/readGgufHeader.ts';
import { readGgufHeader } from '../../src-main/checkpoint/gguf/readGgufHeader.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { TensorEntry } from '../fixtures/ggufBytes.ts';
import { array, entry, field, ggufBytes, text, u32, VALUE } from '../fixtures/ggufBytes.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const file = join(tempFolder(), 'fuzzed.gguf');
const FIXTURES = join(import.meta.dirname, '../fixtures/gguf');
/** Far more than any file of this size takes; a loop without end takes longer. */
const LONGEST_MS = 5000;

function read(bytes: Uint8Array): GgufHeader {
  writeFileSync(file, bytes);
  return readGgufHeader(file);
}

/** The header, or null when the reader refused it with an error for the user. Anything else fails the test. */
function readIfSound(bytes: Uint8Array): GgufHeader | null {
  const started = performance.now();
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof PolarimeterError) return null;
    throw error;
  } finally {
    expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  }
}

const TYPES = new Map([...GGML_TYPES.values()].map((type) => [type.name, type]));

/** What must hold of every header that is accepted, however it came about. */
function expectSound({ size, tensors }: GgufHeader): void {
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  let end = 0;
  for (const { dtype, shape, offset, bytes, derived } of tensors) {
    expect(offset).toBeGreaterThanOrEqual(end);
    end = offset + bytes;
    const elements = shape.reduce((product, length) => product * length, 1);
    expect(Number.isSafeInteger(elements)).toBe(true);
    const type = TYPES.get(dtype);
    expect(elements * (type?.blockBytes ?? 0)).toBe(bytes * (type?.blockElements ?? 0));
    if (derived?.kind !== 'strided') continue;
    const { rows, cols } = derived;
    expect([...rows.sizes, ...cols.sizes].reduce((product, count) => product * count, 1)).toBe(elements);
    const last = [rows, cols].flatMap(({ sizes, strides }) =>
      sizes.map((count, i) => (count - 1) * (strides[i] ?? 0)),
    );
    if (elements > 0) expect(last.reduce((sum, step) => sum + step, 0)).toBe(elements - 1);
  }
  expect(end).toBeLessThanOrEqual(size);
}

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((word) => word.isWellFormed() && !/[\p{Cc}\p{Bidi_Control}]/u.test(word));

const storedName = fc.oneof(
  name,
  fc
    .tuple(fc.nat({ max: 3 }), fc.constantFrom('attn_q', 'attn_k', 'attn_norm', 'ffn_down', 'ffn_up_exps'))
    .map(([layer, module]) => `blk.${String(layer)}.${module}.weight`),
);

const tensor = fc.record({
  name: storedName,
  type: fc.constantFrom(...GGML_TYPES.keys()),
  blocks: fc.nat({ max: 2 }),
  rest: fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
});

const alignment = fc.constantFrom(1, 8, 32, 64, 256);

const metadataValue = fc.oneof(
  fc.nat().map((value) => ({ value, bytes: (key: string) => field(key, value) })),
  fc.string().map((value) => ({ value, bytes: (key: string) => field(key, value) })),
  fc.boolean().map((value) => ({
    value,
    bytes: (key: string) => entry(key, VALUE.bool, Uint8Array.of(value ? 1 : 0)),
  })),
  fc.array(fc.nat(), { maxLength: 20 }).map((numbers) => ({
    value: { length: numbers.length, numbers },
    bytes: (key: string) => field(key, numbers),
  })),
  fc.array(fc.string(), { maxLength: 5 }).map((words) => ({
    value: { length: words.length, numbers: null },
    bytes: (key: string) =>
      entry(
        key,
        VALUE.array,
        array(VALUE.text, words.length, Buffer.concat(words.map((word) => text(word)))),
      ),
  })),
  fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 3 }).map((lists) => {
    const items = lists.map((list) => array(VALUE.u32, list.length, Buffer.concat(list.map(u32))));
    return {
      value: { length: lists.length, numbers: null },
      bytes: (key: string) => entry(key, VALUE.array, array(VALUE.array, lists.length, Buffer.concat(items))),
    };
  }),
);

const model = fc
  .record({
    alignment,
    architecture: fc.constantFrom('llama', 'qwen3moe', 'gemma3', 'gpt2', 'novel', null),
    heads: fc.nat({ max: 4 }),
    metadata: fc.uniqueArray(fc.tuple(name, metadataValue), { selector: ([key]) => key, maxLength: 6 }),
    tensors: fc.uniqueArray(tensor, { selector: (each) => each.name, maxLength: 6 }),
  })
  .map(({ tensors, ...rest }) => {
    let offset = 0;
    const described = tensors.map(({ name: own, type, blocks, rest: others }) => {
      const { name: dtype, blockElements, blockBytes } = GGML_TYPES.get(type) ?? expect.fail();
      const sizes = [blocks * blockElements, ...others];
      const bytes = (sizes.reduce((product, size) => product * size, 1) / blockElements) * blockBytes;
      const stored: TensorEntry = { name: own, type, sizes, offset };
      offset += Math.ceil(bytes / rest.alignment) * rest.alignment;
      return { stored, dtype, bytes, elements: sizes.reduce((product, size) => product * size, 1) };
    });
    const { architecture, heads } = rest;
    const own = architecture === null ? [] : [field('general.architecture', architecture)];
    const bytes = ggufBytes({
      alignment: rest.alignment,
      metadata: [
        field('general.alignment', rest.alignment),
        ...own,
        field('llama.attention.head_count', heads),
        ...rest.metadata.map(([key, value]) => value.bytes(key)),
      ],
      tensors: described.map(({ stored }) => stored),
      data: new Uint8Array(offset),
    });
    return { bytes, described, metadata: rest.metadata };
  });

const SEEDS = ['llama.gguf', 'metadata.gguf', 'q4_k.gguf'].map((each) => readFileSync(join(FIXTURES, each)));
const seed = fc.oneof(
  fc.constantFrom(...SEEDS).map((bytes) => Uint8Array.from(bytes)),
  model.map(({ bytes }) => Uint8Array.from(bytes)),
);

describe('the GGUF reader under random input', { timeout: 120_000 }, () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(model, ({ bytes, described, metadata }) => {
        const header = read(bytes);
        expectSound(header);
        for (const [key, { value }] of metadata) expect(header.metadata.get(key)).toEqual(value);
        const sorted = (list: readonly (readonly [string, number, number])[]): unknown[] =>
          list.map((each) => each.join(' ')).sort();
        const found = header.tensors.map((each) => {
          const elements = each.shape.reduce((product, size) => product * size, 1);
          return [each.dtype, each.bytes, elements] as const;
        });
        const written = described.map(({ dtype, bytes: own, elements }) => [dtype, own, elements] as const);
        expect(sorted(found)).toEqual(sorted(written));
      }),
      { numRuns: 500 },
    );
  });

  it('survives a changed byte: an error for the user, or a sound header', () => {
    const property = fc.property(seed, fc.nat(), fc.nat({ max: 255 }), (bytes, at, value) => {
      // Most bytes of a file are data; damage to the header is what matters.
      bytes[at % Math.min(bytes.length, 3000)] = value;
      const header = readIfSound(bytes);
      if (header) expectSound(header);
    });
    fc.assert(property, { numRuns: 1500 });
  });

  it('survives every single byte of a small file set to 0, 255 or another low bit', () => {
    const [, , original = new Uint8Array()] = SEEDS;
    for (let at = 0; at < 192; at += 1) {
      for (const change of [0, 255, (original[at] ?? 0) ^ 1]) {
        const bytes = Uint8Array.from(original);
        bytes[at] = change;
        const header = readIfSound(bytes);
        if (header) expectSound(header);
      }
    }
  });

  it('survives several changed bytes', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 2, maxLength: 6 });
    const property = fc.property(model, changes, ({ bytes: original }, list) => {
      const bytes = Uint8Array.from(original);
      for (const [at, value] of list) bytes[at % bytes.length] = value;
      const header = readIfSound(bytes);
      if (header) expectSound(header);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('refuses truncations of the header, byte by byte, and of the tensors', () => {
    const [, , original = new Uint8Array()] = SEEDS;
    for (let length = 0; length < original.length; length += length < 200 ? 1 : 7)
      expect(readIfSound(original.subarray(0, length))).toBeNull();
  });

  it('survives truncations of any file', () => {
    const property = fc.property(seed, fc.nat(), (bytes, cut) => {
      const header = readIfSound(bytes.subarray(0, cut % bytes.length));
      if (header) expectSound(header);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('survives any bytes behind a valid start', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: 9 }), (rest, count) => {
      const start = ggufBytes({ tensorCount: count, entryCount: count }).subarray(0, 24);
      const header = readIfSound(Buffer.concat([start, rest]));
      if (header) expectSound(header);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
