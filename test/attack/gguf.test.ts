import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src-main/checkpoint/gguf/readGgufHeader.ts';
import { caught } from '../fixtures/caught.ts';
import { array, entry, field, ggufBytes, text, u32, u64, VALUE } from '../fixtures/ggufBytes.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { expectRefused } from './expectRefused.ts';
import type { GgufAttack } from './ggufAttacks.ts';
import { GGUF_ATTACKS } from './ggufAttacks.ts';

const folder = tempFolder();

function write(name: string, file: GgufAttack['file']): string {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.gguf`);
  writeFileSync(path, file instanceof Uint8Array ? file : ggufBytes(file));
  return path;
}

describe.each(GGUF_ATTACKS)('a hostile or damaged GGUF file: %s', (_, attacks) => {
  it.each(attacks)('$what ends in $code', ({ what, file, code, says }) => {
    const path = write(what, file);
    expectRefused(
      caught(() => readGgufHeader(path)),
      path,
      code,
      says,
    );
  });
});

describe('hostile content that is harmless', () => {
  it('keeps names like __proto__ as names', () => {
    const path = write('proto', {
      metadata: [field('__proto__', 'x'), field('general.architecture', '__proto__')],
      tensors: [{ name: '__proto__', sizes: [1] }],
      data: new Uint8Array(32),
    });
    const { tensors, metadata, config } = readGgufHeader(path);
    expect(tensors.map(({ name }) => name)).toEqual(['__proto__']);
    expect(metadata.get('__proto__')).toBe('x');
    expect(config?.modelType).toBe('__proto__');
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false);
  });

  it('takes an architecture that is no word for none', () => {
    const path = write('words', { metadata: [field('general.architecture', 'llama\u001b[2J')] });
    expect(readGgufHeader(path).config).toBeNull();
  });

  it('lists types that nothing can be computed with', () => {
    const types = [9, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 34, 35, 39, 40, 41, 42];
    const tensors = types.map((type, i) => ({ name: `t${String(i)}`, sizes: [256], type, offset: i * 4096 }));
    const path = write('types', { tensors, data: new Uint8Array(types.length * 4096) });
    const dtypes = readGgufHeader(path).tensors.map(({ dtype }) => dtype);
    expect(dtypes).toContain('MXFP4');
    expect(new Set(dtypes).size).toBe(types.length);
  });

  it('reads tensors without elements', () => {
    const path = write('zero', {
      tensors: [
        { name: 'a', sizes: [0, 4] },
        { name: 'b', sizes: [] },
      ],
      data: new Uint8Array(32),
    });
    expect(readGgufHeader(path).tensors.map(({ shape, bytes }) => [shape, bytes])).toEqual([
      [[4, 0], 0],
      [[], 4],
    ]);
  });
});

/** A file that begins with these bytes and is filled up with zeros that take no room on disk. */
function sparse(name: string, start: Uint8Array, size: number): string {
  const path = join(folder, `${name}.gguf`);
  const handle = openSync(path, 'w');
  writeSync(handle, start);
  ftruncateSync(handle, size);
  closeSync(handle);
  return path;
}

const head = (entries: number): Uint8Array =>
  Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(entries)]);

describe('large hostile headers', { timeout: 60_000 }, () => {
  it.each([
    ['texts', entry('k', VALUE.array, array(VALUE.text, 2n ** 40n, text('')))],
    ['arrays', entry('k', VALUE.array, array(VALUE.array, 2n ** 40n, new Uint8Array(0)))],
    ['bytes', entry('k', VALUE.array, array(VALUE.u8, 2n ** 29n, new Uint8Array(0)))],
    ['text', entry('k', VALUE.text, u64(2n ** 29n))],
  ])('an endless value of %s stops at 256 MiB, in little memory', (name, value) => {
    const path = sparse(name, Buffer.concat([head(1), value]), 2 ** 30);
    const before = process.memoryUsage();
    const started = performance.now();
    const error = caught(() => readGgufHeader(path));
    expect(error.code).toBe('gguf-damaged');
    expect(error.message).toContain('beyond the 256 MiB');
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(200_000_000);
  });

  it('passes over a tokenizer of 300000 words without keeping it', () => {
    const words = Buffer.concat(Array.from({ length: 300_000 }, (_, i) => text(`word ${String(i)}`)));
    const tokens = entry('tokenizer.ggml.tokens', VALUE.array, array(VALUE.text, 300_000, words));
    const path = write('tokenizer', { metadata: [field('general.architecture', 'llama'), tokens] });
    const { metadata, config } = readGgufHeader(path);
    expect(metadata.get('tokenizer.ggml.tokens')).toEqual({ length: 300_000, numbers: null });
    expect(config?.vocabularySize).toBe(300_000);
  });
});
