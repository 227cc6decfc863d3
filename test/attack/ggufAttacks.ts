import type { ErrorCode } from '../../src-main/contract/errors.ts';
import type { GgufParts, TensorEntry } from '../fixtures/ggufBytes.ts';
import { array, entry, field, text, u32, u64, VALUE } from '../fixtures/ggufBytes.ts';

/** A file that must be refused, the code of the error, and what its message says. */
export interface GgufAttack {
  readonly what: string;
  readonly file: GgufParts | Uint8Array;
  readonly code: ErrorCode;
  readonly says: string;
}

const attack = (
  what: string,
  file: GgufAttack['file'],
  says: string,
  code: ErrorCode = 'gguf-damaged',
): GgufAttack => ({ what, file, code, says });

const data = (length: number): Uint8Array => new Uint8Array(length);
const plain = (content: string): Uint8Array => Buffer.from(content, 'latin1');
const tensor = (rest: Partial<TensorEntry> = {}): TensorEntry => ({ name: 'a', sizes: [8], ...rest });
const withTensor = (rest: Partial<TensorEntry>, bytes = 32): GgufParts => ({
  tensors: [tensor(rest)],
  data: data(bytes),
});
const withEntry = (...metadata: Uint8Array[]): GgufParts => ({ metadata });
const value = (type: number, content: Uint8Array): GgufParts => withEntry(entry('k', type, content));

const STARTS: readonly GgufAttack[] = [
  attack('an empty file', data(0), 'is empty'),
  attack('three bytes', plain('GGU'), 'does not begin with "GGUF"'),
  attack('the magic alone', plain('GGUF'), 'has 4 bytes, a header needs at least 24'),
  attack('23 bytes', Buffer.concat([plain('GGUF'), u32(3), data(15)]), 'has 23 bytes'),
  attack('another format', plain(`{"metadata":${' '.repeat(100)}}`), 'does not begin with "GGUF"'),
  attack('the magic of its predecessor', { magic: 'ggjt' }, 'does not begin with "GGUF"'),
  attack(
    'a Git LFS pointer',
    plain('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n'),
    'was not downloaded',
    'git-lfs-pointer',
  ),
  attack('version 0', { version: 0 }, 'has the version 0'),
  attack('version 1', { version: 1 }, 'GGUF version 1; versions 2 and 3 are read', 'unsupported-format'),
  attack('version 4', { version: 4 }, 'GGUF version 4', 'unsupported-format'),
  attack('a big-endian file', { version: 0x03000000 }, 'is a big-endian GGUF file', 'unsupported-format'),
];

const COUNTS: readonly GgufAttack[] = [
  attack('2^63 metadata entries', { entryCount: 2n ** 63n }, 'beyond 2^53'),
  attack('2^52 metadata entries', { entryCount: 2n ** 52n }, 'claims 4503599627370496 metadata entries'),
  attack('more entries than the file holds', { entryCount: 9999 }, 'more than the file can hold'),
  attack('2^64 - 1 tensors', { tensorCount: 2n ** 64n - 1n }, 'beyond 2^53'),
  attack('a million and one tensors', { tensorCount: 1_000_001 }, 'claims 1000001 tensors, at most 1000000'),
  attack('more tensors than the file holds', { tensorCount: 100 }, 'more than the file can hold'),
  attack(
    'one tensor more than is listed',
    { ...withTensor({}, 4096), tensorCount: 2 },
    'tensor 2 of 2 has no name',
  ),
];

const nested = (depth: number): Uint8Array =>
  depth === 0 ? array(VALUE.u8, 1, data(1)) : array(VALUE.array, 1, nested(depth - 1));

const METADATA: readonly GgufAttack[] = [
  attack(
    'a key that ends with the file',
    withEntry(text('k', 2n ** 40n)),
    'has a text of 1099511627776 bytes',
  ),
  attack(
    'a key of 2000 characters',
    withEntry(field('k'.repeat(2000), 1)),
    'has a text of 2000 bytes, at most 1024 are allowed',
  ),
  attack('an empty key', withEntry(field('', 1)), 'metadata key 1 of 1 is empty'),
  attack('a key that is not UTF-8', withEntry(entry(plain('\xff\xfe'), VALUE.u8, data(1))), 'not UTF-8'),
  attack('the same key twice', withEntry(field('k', 1), field('k', 2)), 'metadata "k" is there twice'),
  attack(
    'a key that moves the cursor',
    withEntry(field('\u001b[2J', 'x'), field('\u001b[2J', 'x')),
    '\\u{1b}[2J',
  ),
  attack('a value type that does not exist', value(13, data(8)), 'has the unknown value type 13'),
  attack('a truth value of 2', value(VALUE.bool, Buffer.from([2])), 'is a truth value of 2'),
  attack('a text longer than the file', value(VALUE.text, u64(2n ** 50n)), 'the file ends at byte'),
  attack('a text of 2^63 bytes', value(VALUE.text, u64(2n ** 63n)), 'beyond 2^53'),
  attack('a text that is not UTF-8', value(VALUE.text, text(plain('\xc3'))), 'not UTF-8'),
  attack(
    'an array longer than the file',
    value(VALUE.array, array(VALUE.u32, 2n ** 50n, data(8))),
    'the file ends',
  ),
  attack(
    'an array whose size overflows',
    value(VALUE.array, array(VALUE.u64, 2n ** 62n, data(8))),
    'beyond 2^53',
  ),
  attack(
    'an array of 2^50 texts',
    value(VALUE.array, array(VALUE.text, 2n ** 50n, text('a'))),
    'the file ends',
  ),
  attack(
    'an array of a type that does not exist',
    value(VALUE.array, array(99, 1, data(8))),
    'value type 99',
  ),
  attack('arrays nested 9 deep', value(VALUE.array, nested(8)), 'is nested deeper than 8'),
  attack('arrays nested 10000 deep', value(VALUE.array, nested(5000)), 'is nested deeper than 8'),
];

const ALIGNMENTS: readonly GgufAttack[] = [
  attack(
    'an alignment of 0',
    withEntry(field('general.alignment', 0)),
    'the alignment 0 is not a power of two',
  ),
  attack('an alignment of 48', withEntry(field('general.alignment', 48)), 'the alignment 48 is not'),
  attack('an alignment as text', withEntry(field('general.alignment', '32')), 'the alignment is not'),
  attack(
    'an alignment beyond the file',
    { metadata: [field('general.alignment', 2 ** 31)], tensors: [tensor()], data: data(64) },
    'incomplete download',
  ),
];

const TENSORS: readonly GgufAttack[] = [
  attack(
    'the same tensor twice',
    { tensors: [tensor(), tensor({ offset: 32 })], data: data(64) },
    'is listed twice',
  ),
  attack('a name of 3000 characters', withTensor({ name: 'x'.repeat(3000) }), 'has a text of 3000 bytes'),
  attack('an empty name', withTensor({ name: '' }), 'has no name'),
  attack('a name that reverses text', withTensor({ name: 'a\u202eb' }), '\\u{202e}'),
  attack('a name that moves the cursor', withTensor({ name: '\u001b[2J' }), 'control characters'),
  attack('a name that is not UTF-8', withTensor({ name: plain('\xff') }), 'not UTF-8'),
  attack('five dimensions', withTensor({ sizes: [1, 1, 1, 1, 1] }), 'has 5 dimensions, at most 4'),
  attack('2^32 - 1 dimensions', withTensor({ dimensions: 2 ** 32 - 1 }), 'has 4294967295 dimensions'),
  attack('a size of 2^63', withTensor({ sizes: [2n ** 63n] }), 'beyond 2^53'),
  attack(
    'sizes whose product overflows',
    withTensor({ sizes: [2 ** 32, 2 ** 32] }),
    'more than 2^53 elements',
  ),
  attack('an overflow hidden behind a zero', withTensor({ sizes: [2 ** 40, 2 ** 40, 0] }), 'more than 2^53'),
  attack('a type that was given up', withTensor({ type: 4 }), 'has the ggml type 4', 'unsupported-format'),
  attack(
    'a type that does not exist',
    withTensor({ type: 999 }),
    'has the ggml type 999',
    'unsupported-format',
  ),
  attack(
    'rows of broken blocks',
    withTensor({ sizes: [48], type: 8 }),
    'of type Q8_0 has rows of 48 elements',
  ),
  attack(
    'rows of broken blocks of 256',
    withTensor({ sizes: [128, 2], type: 12 }),
    'which are not whole blocks of 256',
  ),
  attack('a scalar of a block type', withTensor({ sizes: [], type: 2 }), 'has rows of 1 elements'),
];

const LAYOUTS: readonly GgufAttack[] = [
  attack(
    'a crooked offset',
    withTensor({ offset: 4 }, 64),
    'starts at byte 4 of the data, which is no multiple',
  ),
  attack('an offset of 2^63', withTensor({ offset: 2n ** 63n }), 'beyond 2^53'),
  attack('an offset behind the file', withTensor({ offset: 2n ** 40n }), 'incomplete download'),
  attack('a truncated tensor', withTensor({}, 20), '(12 bytes missing: incomplete download)'),
  attack('no data at all', withTensor({}, 0), 'incomplete download'),
  attack(
    'a tensor without elements behind the end of the file',
    { tensors: [tensor({ sizes: [0], offset: 32 })] },
    '(32 bytes missing: incomplete download)',
  ),
  attack(
    'overlapping tensors',
    { tensors: [tensor({ sizes: [16] }), tensor({ name: 'b', offset: 32 })], data: data(64) },
    'tensor "b" starts at byte 32 of the data, inside tensor "a" (bytes 0 to 64)',
  ),
  attack(
    'two tensors on the same bytes',
    { tensors: [tensor(), tensor({ name: 'b' })], data: data(64) },
    'inside tensor "a"',
  ),
  attack(
    'two quantised tensors that share a block',
    {
      tensors: [tensor({ sizes: [32, 2], type: 2 }), tensor({ name: 'b', sizes: [32], type: 2, offset: 32 })],
      data: data(64),
    },
    'inside tensor "a" (bytes 0 to 36)',
  ),
];

/** Hostile and damaged GGUF files, by what is wrong with them. */
export const GGUF_ATTACKS: readonly (readonly [kind: string, attacks: readonly GgufAttack[]])[] = [
  ['start', STARTS],
  ['counts', COUNTS],
  ['metadata', METADATA],
  ['alignment', ALIGNMENTS],
  ['tensors', TENSORS],
  ['layout', LAYOUTS],
];
