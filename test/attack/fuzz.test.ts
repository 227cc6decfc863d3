import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SafetensorsHeader } from '../../src-main/checkpoint/readSafetensorsHeader.ts';
import { readSafetensorsHeader } from '../../src-main/checkpoint/readSafetensorsHeader.ts';
import { DTYPE_BITS } from '../../src-main/contract/checkpoint.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { safetensorsBytes } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const file = join(tempFolder(), 'fuzzed.safetensors');
const runs = { numRuns: 300 };

function read(bytes: Uint8Array): SafetensorsHeader {
  writeFileSync(file, bytes);
  return readSafetensorsHeader(file);
}

/** The header, or null when the reader refused it with an error for the user. Anything else fails the test. */
function readIfSound(bytes: Uint8Array): SafetensorsHeader | null {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof PolarimeterError) return null;
    throw error;
  }
}

/** What must hold of every header that is accepted, however it came about. */
function expectSound({ size, tensors }: SafetensorsHeader): void {
  const names = new Set(tensors.map(({ name }) => name));
  expect(names.size).toBe(tensors.length);
  let end = tensors[0]?.offset ?? size;
  for (const { dtype, shape, offset, bytes } of tensors) {
    expect(offset).toBe(end);
    end = offset + bytes;
    const elements = shape.reduce((product, length) => product * length, 1);
    expect(Number.isSafeInteger(elements)).toBe(true);
    const bits = DTYPE_BITS[dtype];
    if (bits !== undefined) expect(elements * bits).toBe(bytes * 8);
  }
  expect(end).toBe(size);
}

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
  return text !== '__metadata__' && text.isWellFormed() && !/[\p{Cc}\p{Bidi_Control}]/u.test(text);
});

const tensor = fc
  .record({
    name,
    dtype: fc.constantFrom('F64', 'F32', 'F16', 'BF16', 'I64', 'U8', 'BOOL', 'F8_E4M3'),
    shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
  })
  .map(({ shape, dtype, ...rest }): TensorSource => {
    const elements = shape.reduce((product, length) => product * length, 1);
    return { ...rest, dtype, shape, data: new Uint8Array((elements * (DTYPE_BITS[dtype] ?? 8)) / 8) };
  });

const tensors = fc.uniqueArray(tensor, { selector: (each) => each.name, maxLength: 6 });

describe('the safetensors reader under random input', { timeout: 120_000 }, () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(name, fc.string()), (written, metadata) => {
        const header = read(safetensorsBytes(written, metadata));
        expectSound(header);
        expect(new Map(header.metadata)).toEqual(new Map(Object.entries(metadata)));
        const sorted = (list: readonly { name: string }[]): unknown[] =>
          list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        const described = written.map(({ name: own, dtype, shape, data }) => ({
          name: own,
          dtype,
          shape,
          bytes: data.length,
        }));
        const found = header.tensors.map(({ name: own, dtype, shape, bytes }) => ({
          name: own,
          dtype,
          shape,
          bytes,
        }));
        expect(sorted(found)).toEqual(sorted(described));
      }),
      runs,
    );
  });

  it('survives changed bytes: an error for the user, or a sound header', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(tensors, changes, (written, list) => {
        const bytes = Uint8Array.from(safetensorsBytes(written));
        for (const [at, value] of list) bytes[at % bytes.length] = value;
        const header = readIfSound(bytes);
        if (header) expectSound(header);
      }),
      { numRuns: 1000 },
    );
  });

  it('survives changed digits, the damage that is hardest to see', () => {
    fc.assert(
      fc.property(tensors, fc.nat(), fc.nat({ max: 9 }), (written, at, digit) => {
        const bytes = Uint8Array.from(safetensorsBytes(written));
        const header = Buffer.from(bytes).toString('latin1');
        const digits = [...header.matchAll(/\d/g)].map(({ index }) => index).filter((index) => index > 8);
        bytes[digits[at % digits.length] ?? 0] = 0x30 + digit;
        const found = readIfSound(bytes);
        if (found) expectSound(found);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every truncation', () => {
    fc.assert(
      fc.property(tensors, fc.nat(), (written, cut) => {
        const bytes = safetensorsBytes(written);
        expect(readIfSound(bytes.subarray(0, cut % bytes.length))).toBeNull();
      }),
      runs,
    );
  });

  it('refuses bytes appended to a file', () => {
    fc.assert(
      fc.property(tensors, fc.uint8Array({ minLength: 1, maxLength: 40 }), (written, more) => {
        expect(readIfSound(Buffer.concat([safetensorsBytes(written), more]))).toBeNull();
      }),
      runs,
    );
  });

  it('survives any JSON and any text as a header', () => {
    const header = fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.string());
    fc.assert(
      fc.property(header, (text) => {
        const json = Buffer.from(text);
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(json.length));
        const found = readIfSound(Buffer.concat([length, json]));
        if (found) expectSound(found);
      }),
      { numRuns: 1000 },
    );
  });
});
