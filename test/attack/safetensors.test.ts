import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from '../../src-main/checkpoint/readSafetensorsHeader.ts';
import { caught } from '../fixtures/caught.ts';
import { rawSafetensors, safetensorsBytes } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { expectRefused } from './expectRefused.ts';
import type { Attack } from './headerAttacks.ts';
import { entry, HEADER_ATTACKS } from './headerAttacks.ts';

const folder = tempFolder();

function write(name: string, file: Attack['file']): string {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.safetensors`);
  writeFileSync(path, file instanceof Uint8Array ? file : rawSafetensors(file));
  return path;
}

describe.each(HEADER_ATTACKS)('a hostile or damaged safetensors header: %s', (_, attacks) => {
  it.each(attacks)('$what ends in $code', ({ what, file, code, says }) => {
    const path = write(what, file);
    expectRefused(
      caught(() => readSafetensorsHeader(path)),
      path,
      code,
      says,
    );
  });
});

describe('hostile content that is harmless', () => {
  it('keeps a tensor named __proto__ as a tensor', () => {
    const path = write(
      'proto',
      safetensorsBytes([{ name: '__proto__', dtype: 'F32', shape: [1], data: [1] }]),
    );
    const { tensors } = readSafetensorsHeader(path);
    expect(tensors.map(({ name }) => name)).toEqual(['__proto__']);
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false);
  });

  it('keeps metadata named __proto__ as text', () => {
    const path = write('proto-metadata', { header: '{"__metadata__":{"__proto__":"x"}}' });
    expect([...readSafetensorsHeader(path).metadata]).toEqual([['__proto__', 'x']]);
  });

  it('passes over unknown fields of a tensor', () => {
    const extra = { deep: [{ a: [true, null, -1.5e3, 'x'] }] };
    const path = write('extra', { header: { a: entry(0, 4, { extra }) }, data: new Uint8Array(4) });
    expect(readSafetensorsHeader(path).tensors).toHaveLength(1);
  });

  it('does not believe a header that is longer than the file, nor wait for its memory', () => {
    const path = write('sparse', { header: '{}', claimedLength: 99_999_999n });
    truncateSync(path, 1000);
    const before = process.memoryUsage().arrayBuffers;
    expect(caught(() => readSafetensorsHeader(path)).code).toBe('header-too-short');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});

describe('large hostile headers', () => {
  const size = 20_000_000;

  it.each([
    ['open brackets', '[', 'header-invalid'],
    ['open objects', '{"a":', 'header-invalid'],
    ['a number', '1', 'header-invalid'],
    ['spaces', ' ', 'header-not-json'],
    ['quotes', '"', 'header-not-json'],
    ['backslashes', '\\', 'header-not-json'],
  ])(
    '%s without end stop early and keep the process alive',
    (_, unit, code) => {
      const header = `{"a":{"extra":${unit.repeat(size / unit.length)}`;
      const path = write('large', { header });
      const started = performance.now();
      const found = caught(() => readSafetensorsHeader(path)).code;
      expect(['header-not-json', code]).toContain(found);
      expect(performance.now() - started).toBeLessThan(20_000);
    },
    30_000,
  );

  it('refuses more than a million tensors', () => {
    const names = Array.from(
      { length: 1_000_001 },
      (_, i) => `"${String(i)}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
    );
    const error = caught(() => readSafetensorsHeader(write('many', { header: `{${names.join(',')}}` })));
    expect(error.code).toBe('header-invalid');
    expect(error.message).toContain('more than 1000000 tensors');
  }, 120_000);
});
