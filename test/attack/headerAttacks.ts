import type { ErrorCode } from '../../src-main/contract/errors.ts';
import type { RawFile } from '../fixtures/checkpoints.ts';

/** An entry of a header; by default F32 in one dimension, fitting its range. */
export const entry = (begin: number, end: number, rest: object = {}): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...rest,
});

/** A file that must be refused, the code of the error, and what its message says. */
export interface Attack {
  readonly what: string;
  readonly file: RawFile | Uint8Array;
  readonly code: ErrorCode;
  readonly says: string;
}

const attack = (what: string, file: Attack['file'], code: ErrorCode, says: string): Attack => ({
  what,
  file,
  code,
  says,
});
const text = (content: string): Uint8Array => Buffer.from(content);
const data = (length: number): Uint8Array => new Uint8Array(length);

const LENGTHS: readonly Attack[] = [
  attack('an empty file', text(''), 'header-too-short', 'is empty'),
  attack('five bytes', data(5), 'header-too-short', 'has 5 bytes, a header needs at least 8'),
  attack(
    'a header of 2^60 bytes',
    { header: '{}', claimedLength: 2n ** 60n },
    'header-too-large',
    '1152921504606846976',
  ),
  attack(
    'a header of 2^64 - 1 bytes',
    { header: '{}', claimedLength: 2n ** 64n - 1n },
    'header-too-large',
    '18446744073709551615',
  ),
  attack(
    'one byte more than allowed',
    { header: '{}', claimedLength: 100_000_001n },
    'header-too-large',
    'at most 100000000',
  ),
  attack(
    'as much as allowed, but not there',
    { header: '{}', claimedLength: 100_000_000n },
    'header-too-short',
    '99999998 bytes missing: incomplete download',
  ),
  attack(
    'a web page in place of the file',
    text('<!DOCTYPE html><html></html>'),
    'header-too-large',
    'at most',
  ),
  attack(
    'a Git LFS pointer',
    text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n'),
    'git-lfs-pointer',
    'was not downloaded',
  ),
  attack('a header of no bytes', { header: '' }, 'header-not-json', 'the text ends where "{" should be'),
];

const NOT_JSON: readonly Attack[] = [
  attack('text that is no JSON', { header: 'hello' }, 'header-not-json', '"h" at character 0'),
  attack('an array', { header: '[]' }, 'header-invalid', 'should be "{"'),
  attack('an object that does not end', { header: '{"a":' }, 'header-not-json', 'the text ends'),
  attack('a string that does not end', { header: '{"a' }, 'header-not-json', 'does not end'),
  attack('text after the object', { header: '{} {}' }, 'header-not-json', 'should be the end'),
  attack(
    'a trailing comma',
    { header: '{"__metadata__":{"a":"b",}}' },
    'header-not-json',
    'should be a string',
  ),
  attack(
    'a missing comma',
    { header: '{"__metadata__":{"a":"b" "c":"d"}}' },
    'header-not-json',
    'should be "}"',
  ),
  attack(
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from([0xff, 0xfe])]),
    'header-not-json',
    'not UTF-8',
  ),
  attack('a byte order mark', { header: '\ufeff{}' }, 'header-not-json', 'should be "{"'),
  attack('a bad escape', { header: '{"\\x":{}}' }, 'header-not-json', 'not valid JSON'),
  attack('a line break inside a name', { header: '{"a\nb":{}}' }, 'header-not-json', 'not valid JSON'),
];

const INVALID: readonly Attack[] = [
  attack(
    'the same tensor twice',
    { header: `{"a":${JSON.stringify(entry(0, 4))},"a":${JSON.stringify(entry(0, 8))}}`, data: data(8) },
    'header-invalid',
    '"a" appears twice',
  ),
  attack(
    'the same tensor twice, spelled differently',
    {
      header: `{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(0, 4))}}`,
      data: data(4),
    },
    'header-invalid',
    '"a" appears twice',
  ),
  attack(
    'two shapes',
    { header: '{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}}', data: data(8) },
    'header-invalid',
    '"shape" appears twice',
  ),
  attack(
    'metadata that is not text',
    { header: { __metadata__: { format: 1 } } },
    'header-invalid',
    'should be a string',
  ),
  attack('metadata that is a list', { header: { __metadata__: [] } }, 'header-invalid', 'should be "{"'),
  attack('a tensor that is a number', { header: { a: 5 } }, 'header-invalid', 'tensor "a"'),
  attack(
    'no dtype',
    { header: { a: { shape: [1], data_offsets: [0, 4] } }, data: data(4) },
    'header-invalid',
    'has no dtype',
  ),
  attack(
    'no shape',
    { header: { a: { dtype: 'F32', data_offsets: [0, 4] } }, data: data(4) },
    'header-invalid',
    'has no shape',
  ),
  attack(
    'no offsets',
    { header: { a: { dtype: 'F32', shape: [1] } }, data: data(4) },
    'header-invalid',
    'no data_offsets',
  ),
  attack(
    'one offset',
    { header: { a: entry(0, 4, { data_offsets: [0] }) }, data: data(4) },
    'header-invalid',
    'no data_offsets of two',
  ),
  attack(
    'three offsets',
    { header: { a: entry(0, 4, { data_offsets: [0, 4, 8] }) }, data: data(4) },
    'header-invalid',
    'more than 2 numbers',
  ),
  attack(
    'a range that runs backwards',
    { header: { a: entry(0, 4, { data_offsets: [4, 0] }) }, data: data(4) },
    'header-invalid',
    'backwards, from 4 to 0',
  ),
  attack(
    'a negative size',
    { header: { a: entry(0, 4, { shape: [-1] }) }, data: data(4) },
    'header-invalid',
    '-1 is not an integer',
  ),
  attack(
    'minus zero',
    { header: '{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}' },
    'header-invalid',
    '-0 is not an integer',
  ),
  attack(
    'a fraction',
    { header: { a: entry(0, 4, { shape: [1.5] }) }, data: data(4) },
    'header-invalid',
    '1.5 is not an integer',
  ),
  attack(
    'an exponent',
    { header: '{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}', data: data(4) },
    'header-invalid',
    '1e0 is not an integer',
  ),
  attack(
    'an offset of 2^53',
    { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9007199254740992]}}', data: data(4) },
    'header-invalid',
    '9007199254740992 is not an integer',
  ),
  attack(
    'a size as text',
    { header: { a: entry(0, 4, { shape: ['1'] }) }, data: data(4) },
    'header-invalid',
    'should be an integer',
  ),
  attack(
    '65 dimensions',
    { header: { a: entry(0, 4, { shape: Array.from({ length: 65 }, () => 1) }) }, data: data(4) },
    'header-invalid',
    'more than 64 numbers',
  ),
  attack(
    'an element type with control characters',
    { header: { a: entry(0, 4, { dtype: 'F\u001b[2J' }) }, data: data(4) },
    'header-invalid',
    '\\u{1b}',
  ),
  attack(
    'an element type that is no text',
    { header: { a: entry(0, 4, { dtype: null }) }, data: data(4) },
    'header-invalid',
    'should be a string',
  ),
  attack(
    'a name that moves the cursor',
    { header: { '\u001b[2Jmodel': entry(0, 4) }, data: data(4) },
    'header-invalid',
    '\\u{1b}[2Jmodel',
  ),
  attack(
    'a name that reverses text',
    { header: { 'a\u202eb': entry(0, 4) }, data: data(4) },
    'header-invalid',
    '\\u{202e}',
  ),
  attack(
    'a name with half a character',
    { header: '{"a\\ud800":{}}' },
    'header-invalid',
    'control characters',
  ),
  attack(
    'a name of 3000 characters',
    { header: { ['x'.repeat(3000)]: entry(0, 4) }, data: data(4) },
    'header-invalid',
    'its name has 3000 characters',
  ),
  attack(
    'a field nested 100 deep',
    { header: `{"a":{"extra":${'['.repeat(100)}${']'.repeat(100)}}}` },
    'header-invalid',
    'nested deeper than 64',
  ),
];

const LAYOUTS: readonly Attack[] = [
  attack(
    'a shape that needs more bytes',
    { header: { a: entry(0, 8, { shape: [3] }) }, data: data(8) },
    'tensor-size-mismatch',
    'shape [3] and type F32 needs 12 bytes, its range holds 8',
  ),
  attack(
    'a wrong dtype',
    { header: { a: entry(0, 8, { dtype: 'BF16' }) }, data: data(8) },
    'tensor-size-mismatch',
    'type BF16 needs 4 bytes, its range holds 8',
  ),
  attack(
    'a shape whose product overflows',
    { header: { a: entry(0, 8, { shape: [2 ** 32, 2 ** 32] }) }, data: data(8) },
    'tensor-size-mismatch',
    'more than 2^53 elements',
  ),
  attack(
    'an overflow hidden behind a zero',
    { header: { a: entry(0, 0, { shape: [0, 2 ** 40, 2 ** 40] }) } },
    'tensor-size-mismatch',
    'more than 2^53 elements',
  ),
  attack(
    'an odd number of half bytes',
    { header: { a: entry(0, 1, { dtype: 'F4', shape: [3] }) }, data: data(1) },
    'tensor-size-mismatch',
    'needs 1.5 bytes',
  ),
  attack(
    'an unknown dtype that cannot fit',
    { header: { a: entry(0, 4, { dtype: 'Q9', shape: [2 ** 50] }) }, data: data(4) },
    'tensor-size-mismatch',
    'cannot fit into the 4 bytes',
  ),
  attack(
    'a truncated file',
    { header: { a: entry(0, 8), b: entry(8, 16) }, data: data(10) },
    'tensor-out-of-bounds',
    '(6 bytes missing: incomplete download)',
  ),
  attack(
    'an unknown dtype beyond the end',
    { header: { a: entry(0, 8, { dtype: 'Q9', shape: [1] }) }, data: data(4) },
    'tensor-out-of-bounds',
    '4 bytes missing',
  ),
  attack(
    'a range at the end of time',
    { header: { a: entry(0, 2 ** 52, { shape: [2 ** 50] }) }, data: data(4) },
    'tensor-out-of-bounds',
    'incomplete download',
  ),
  attack(
    'overlapping tensors',
    { header: { a: entry(0, 8), b: entry(4, 12) }, data: data(12) },
    'tensor-overlap',
    'tensor "b" starts at byte 4 of the data, inside tensor "a" (bytes 0 to 8)',
  ),
  attack(
    'two tensors on the same bytes',
    { header: { a: entry(0, 8), b: entry(0, 8) }, data: data(8) },
    'tensor-overlap',
    'inside tensor "a"',
  ),
  attack(
    'a hole before the first tensor',
    { header: { a: entry(4, 8) }, data: data(8) },
    'tensor-hole',
    '4 bytes of the data (0 to 4), before tensor "a"',
  ),
  attack(
    'a hole between tensors',
    { header: { a: entry(0, 4), b: entry(8, 12) }, data: data(12) },
    'tensor-hole',
    '(4 to 8), before tensor "b"',
  ),
  attack(
    'bytes behind the last tensor',
    { header: { a: entry(0, 4) }, data: data(9) },
    'tensor-hole',
    '5 bytes of the data (4 to 9), at the end of the file',
  ),
  attack('data without tensors', { header: {}, data: data(3) }, 'tensor-hole', 'at the end of the file'),
];

/** Hostile and damaged safetensors headers, by what is wrong with them. */
export const HEADER_ATTACKS: readonly (readonly [kind: string, attacks: readonly Attack[]])[] = [
  ['length', LENGTHS],
  ['JSON', NOT_JSON],
  ['content', INVALID],
  ['layout', LAYOUTS],
];
