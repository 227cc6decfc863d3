import { archive, dict, global, int, ops, pickle, tensor, text, tuple } from '../fixtures/pytorchFiles.ts';
import type { AttackRow } from './pytorchAttacks.ts';

const SOUND = pickle(dict({ w: tensor() }));
/** An archive whose pickle is these opcodes. */
const raw =
  (...opcodes: readonly (Uint8Array | string | number)[]) =>
  () =>
    archive(ops(...opcodes));
const proto2 = Buffer.of(0x80, 2);
const le64 = (value: bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
};

/** Pickles whose opcodes make no sense or ask for too much. */
export const PICKLE_STREAM_ATTACKS: readonly AttackRow[] = [
  ['no STOP', raw(SOUND.subarray(0, -1)), 'pickle-damaged', 'bytes too early'],
  ['an empty pickle', raw(), 'pickle-damaged', 'ends at byte 0'],
  ['only its protocol', raw(proto2), 'pickle-damaged', 'ends at byte 2'],
  ['no value at STOP', raw(proto2, '.'), 'pickle-damaged', 'leaves 0 values'],
  ['two values at STOP', raw(proto2, 'NN.'), 'pickle-damaged', 'leaves 2 values'],
  ['an open mark at STOP', raw(proto2, 'N(.'), 'pickle-damaged', 'leaves 1 values'],
  ['a byte that is no opcode', raw(proto2, 0xff, '.'), 'pickle-damaged', '0xff is no opcode'],
  [
    'a stack that runs empty',
    raw(proto2, '0.'),
    'pickle-damaged',
    'takes a value that is not there (POP at byte 2',
  ],
  ['TUPLE3 of two values', raw(proto2, 'NN', 0x87, '.'), 'pickle-damaged', 'TUPLE3'],
  ['TUPLE without a mark', raw(proto2, 't.'), 'pickle-damaged', 'goes back to a mark that is not there'],
  ['SETITEMS without a mark', raw(proto2, '}u.'), 'pickle-damaged', 'a mark that is not there'],
  ['SETITEMS of an odd number', raw(proto2, '}(Nu.'), 'pickle-damaged', 'a key without a value'],
  ['SETITEM into a list', raw(proto2, ']NNs.'), 'pickle-damaged', 'not a dictionary'],
  ['APPEND to a tuple', raw(proto2, ')Na.'), 'pickle-damaged', 'not a list'],
  [
    'APPENDS that reaches below its mark',
    raw(proto2, '(Ne.'),
    'pickle-damaged',
    'takes a value that is not there',
  ],
  [
    'REDUCE across a mark',
    raw(proto2, global('collections', 'OrderedDict'), '()R.'),
    'pickle-damaged',
    'not there',
  ],
  [
    'REDUCE with a list',
    raw(proto2, global('torch', 'Size'), ']R.'),
    'pickle-damaged',
    'arguments that are no tuple',
  ],
  ['a memo entry that is not there', raw(proto2, 'h', 7, '.'), 'pickle-damaged', 'entry 7 of the memo'],
  ['a memo entry of nothing', raw(proto2, 'q', 7, '.'), 'pickle-damaged', 'takes a value that is not there'],
  ['STACK_GLOBAL of numbers', raw(proto2, 'NN', 0x93, '.'), 'pickle-damaged', 'not text'],
  ['a GLOBAL without an end', raw(proto2, 'c', 'x'.repeat(5000), '.'), 'pickle-damaged', 'does not end'],
  ['BINUNICODE of 4 GiB', raw(proto2, 'X', Buffer.alloc(4, 0xff), 'x.'), 'pickle-refused', '4294967295'],
  [
    'BINUNICODE behind the end',
    raw(proto2, 'X', Buffer.of(100, 0, 0, 0), 'x.'),
    'pickle-damaged',
    '98 bytes too early',
  ],
  ['BINUNICODE8 of 2^63', raw(proto2, 0x8d, le64(2n ** 63n), '.'), 'pickle-refused', '9223372036854776000'],
  [
    'BINBYTES8 of 2^64 - 1',
    raw(proto2, 0x8e, le64(2n ** 64n - 1n), '.'),
    'pickle-refused',
    'at most 16777216',
  ],
  ['BYTEARRAY8 of 2^40', raw(proto2, 0x96, le64(2n ** 40n), '.'), 'pickle-refused', 'at most 16777216'],
  [
    'BINSTRING of a negative length',
    raw(proto2, 'T', Buffer.alloc(4, 0xff), '.'),
    'pickle-damaged',
    'length -1',
  ],
  [
    'LONG4 of 2^31 - 1 bytes',
    raw(proto2, 0x8b, Buffer.of(255, 255, 255, 127), '.'),
    'pickle-refused',
    '2147483647 bytes',
  ],
  [
    'LONG4 of a negative length',
    raw(proto2, 0x8b, Buffer.alloc(4, 0xff), '.'),
    'pickle-damaged',
    'length -1',
  ],
  [
    'text that is not UTF-8',
    raw(proto2, 'X', Buffer.of(2, 0, 0, 0, 0xff, 0xfe), '.'),
    'pickle-damaged',
    'not UTF-8',
  ],
  [
    'the same name twice',
    raw(proto2, '}(', text('a'), 'N', text('a'), 'Nu.'),
    'pickle-damaged',
    '"a" appears twice',
  ],
  [
    'a name that moves the cursor',
    raw(pickle(dict({ '\u001b[2J': tensor() }))),
    'pickle-damaged',
    '\\u{1b}[2J',
  ],
  [
    'a name of 3000 characters',
    raw(pickle(dict({ ['n'.repeat(3000)]: tensor() }))),
    'pickle-damaged',
    '3000 characters',
  ],
  [
    'two names that become one',
    raw(pickle(dict({ 'a.w': tensor(), a: dict({ w: tensor() }) }))),
    'pickle-damaged',
    'two tensors have the name "a.w"',
  ],
  ['11 000 open marks', raw(proto2, '('.repeat(11_000), '.'), 'pickle-refused', 'more than 10000 marks'],
  [
    'a million waiting values',
    raw(proto2, 'N'.repeat(1_000_001), '.'),
    'pickle-refused',
    'wait on the stack',
  ],
  [
    'three million lists',
    raw(proto2, ']0'.repeat(3_000_001), 'N.'),
    'pickle-refused',
    'more than 3000000 containers',
  ],
  [
    'a memo that copies itself',
    raw(
      proto2,
      '](',
      'N'.repeat(20_000),
      'eq',
      0,
      '0',
      `${global('collections', 'OrderedDict').toString()}(h\0tR0`.repeat(10),
    ),
    'pickle-damaged',
    'no list of pairs',
  ],
  [
    'copies of a long list of pairs',
    () => {
      const pairs = Array.from({ length: 20_000 }, (_, i) => tuple(int(i), 'N'));
      const copies = `${global('collections', 'OrderedDict').toString()}(h\0tR0`.repeat(1000);
      return archive(ops(proto2, '](', ...pairs, 'eq', 0, '0', copies, 'N.'));
    },
    'pickle-refused',
    'more than 2000000 copies',
  ],
  [
    'dictionaries 70 deep',
    () => archive(pickle(dict(Object.fromEntries([['m', deep(70)]])))),
    'pickle-refused',
    'nested deeper than 64',
  ],
  [
    'a dictionary inside itself',
    raw(proto2, '}q', 0, '(', text('w'), tensor(), text('a'), 'h', 0, 'u.'),
    'pickle-refused',
    'deeper than 64',
  ],
  [
    '2^40 tensors out of 40 dictionaries',
    () => archive(doubling(40)),
    'pickle-refused',
    'more than 1000000 values',
  ],
];

/** Dictionaries inside each other around one tensor. */
function deep(levels: number): Buffer {
  let inner = tensor();
  for (let i = 0; i < levels; i++) inner = dict({ a: inner });
  return inner;
}

/** Each dictionary holds the one before twice, through the memo. */
function doubling(levels: number): Buffer {
  const parts: Buffer[] = [ops(dict({ w: tensor() }), 'q', 0, '0')];
  for (let i = 1; i <= levels; i++)
    parts.push(ops('}(', text('a'), 'h', i - 1, text('b'), 'h', i - 1, 'uq', i, '0'));
  return pickle(...parts, 'h', levels);
}
