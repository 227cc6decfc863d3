import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPytorchHeader } from '../../src-main/checkpoint/pytorch/readPytorchHeader.ts';
import { caught } from '../fixtures/caught.ts';
import {
  archive,
  archiveParts,
  call,
  dict,
  global,
  int,
  integers,
  legacyFile,
  ops,
  pickle,
  SIX,
  storage,
  tensor,
  text,
  tuple,
  zipBytes,
} from '../fixtures/pytorchFiles.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { expectRefused } from './expectRefused.ts';
import { PYTORCH_ATTACKS } from './pytorchAttacks.ts';

const folder = tempFolder();

function write(name: string, file: Uint8Array): string {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.bin`);
  writeFileSync(path, file);
  return path;
}

describe.each(PYTORCH_ATTACKS)('a hostile or damaged file of torch.save: %s', (_, attacks) => {
  it.each(attacks)('$what ends in $code', ({ what, file, code, says }) => {
    const path = write(what, file());
    expectRefused(
      caught(() => readPytorchHeader(path)),
      path,
      code,
      says,
    );
  });
});

const TRUNCATED = ['archive-damaged', 'pickle-damaged', 'header-too-short'];

describe('truncation', () => {
  const saved = join(import.meta.dirname, '../fixtures/pytorch/torch-1.13');
  const files = readdirSync(saved).filter((file) =>
    /^(state-dict|tied|views|protocol-4)(-legacy)?\.pt$/.test(file),
  );

  it.each(files)('%s is refused at every length', (file) => {
    const whole = readFileSync(join(saved, file));
    const path = write(`cut-${file}`, whole);
    expect(readPytorchHeader(path).tensors.length).toBeGreaterThan(0);
    for (let length = whole.length - 1; length >= 0; length--) {
      truncateSync(path, length);
      const { code, message } = caught(() => readPytorchHeader(path));
      expect(TRUNCATED, `${String(length)} bytes: ${message}`).toContain(code);
    }
  });
});

describe('unusual files that are sound', () => {
  const names = (file: Uint8Array): unknown[] =>
    readPytorchHeader(write('sound', file)).tensors.map(({ name, shape, offset, bytes }) => [
      name,
      shape,
      offset,
      bytes,
    ]);
  const sixAt = (file: Uint8Array): number => Buffer.from(file).indexOf(SIX);

  it('is the archive and the legacy file that the attacks change', () => {
    for (const file of [archive(pickle(dict({ w: tensor() }))), legacyFile(dict({ w: tensor() }))])
      expect(names(file)).toEqual([['w', [2, 3], sixAt(file), 24]]);
  });

  it('has zip64 records and a comment', () => {
    const file = archive(pickle(dict({ w: tensor() })), { large: {}, comment: 'by hand' });
    expect(names(file)).toEqual([['w', [2, 3], sixAt(file), 24]]);
  });

  it('has a zip64 field for a size that fits into 32 bits', () => {
    const size = Buffer.alloc(16);
    size.writeBigUInt64LE(24n);
    size.writeBigUInt64LE(24n, 8);
    const parts = archiveParts(pickle(dict({ w: tensor() }))).map((part) =>
      part.name !== 'model/data/0'
        ? part
        : {
            ...part,
            directory: { packed: 0xffffffff, unpacked: 0xffffffff },
            local: { packed: 0xffffffff },
            extra: Buffer.concat([Buffer.of(9, 0, 1, 0, 7), Buffer.of(1, 0, 16, 0), size]),
          },
    );
    expect(names(zipBytes(parts))).toHaveLength(1);
  });

  it('has a compressed pickle', () => {
    const content = pickle(dict({ w: tensor() }));
    const [first, ...rest] = archiveParts(content);
    const packed = { ...first!, data: deflateRawSync(content), method: 8, unpacked: content.length };
    expect(names(zipBytes([packed, ...rest]))).toHaveLength(1);
  });

  it('names a part of a storage, as torch before 0.4 did', () => {
    const view = tuple(text('1'), int(2), int(4));
    const file = legacyFile(dict({ w: tensor({ view, shape: [3], strides: [1], start: 1 }) }));
    expect(names(file)).toEqual([['w', [3], sixAt(file) + 12, 12]]);
  });

  it('was pickled by Python 2: old strings, dictionaries from pairs, the first rebuild function', () => {
    const made = call('torch._utils', '_rebuild_tensor', storage(), int(0), integers([6]), integers([1]));
    const pair = ops('](', Buffer.from('U\x01w'), made, 'e');
    const object = ops(global('collections', 'OrderedDict'), '](', pair, 'e', 0x85, 'R');
    const file = legacyFile(object);
    expect(names(file)).toEqual([['w', [6], sixAt(file), 24]]);
  });

  it('keeps a tensor named __proto__ as a tensor', () => {
    const file = archive(pickle('}(', text('__proto__'), tensor(), 'u'));
    expect(names(file)).toEqual([['__proto__', [2, 3], sixAt(file), 24]]);
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false);
  });

  it('names the same tensors through the memo and by number', () => {
    const object = ops('}(', int(3), tensor(), 'q', 0, text('b'), 'h', 0, 'u');
    const file = archive(pickle(object));
    expect(names(file)).toEqual([
      ['3', [2, 3], sixAt(file), 24],
      ['b', [2, 3], sixAt(file), 24],
    ]);
  });

  it('has an empty tensor behind a storage that is in use', () => {
    const file = archive(pickle(dict({ w: tensor({ shape: [0, 3], start: 100 }) })));
    expect(names(file)).toEqual([['w', [0, 3], sixAt(file), 0]]);
  });
});

describe('memory and time', () => {
  it('does not read a legacy pickle behind its cap, nor hold what it reads', () => {
    const path = write('sparse', ops(0x80, 2, 'X'));
    truncateSync(path, 2 ** 33);
    const before = process.memoryUsage().arrayBuffers;
    // A text of length 0 after another, for 256 MiB, would be zeros; zero is no opcode.
    expect(caught(() => readPytorchHeader(path)).code).toBe('pickle-damaged');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  it('ends a pickle of 200 MB of one-byte values early', () => {
    const content = Buffer.alloc(200_000_000, 'N0');
    content[0] = 0x80;
    content[1] = 2;
    const started = performance.now();
    const error = caught(() => readPytorchHeader(write('long', archive(content))));
    expect(error.message).toContain('more than 16000000 values');
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
