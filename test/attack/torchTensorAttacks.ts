import {
  archive,
  call,
  count,
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
} from '../fixtures/pytorchFiles.ts';
import type { AttackRow } from './pytorchAttacks.ts';

/** An archive whose pickle holds a weight and, beside it, the opcodes of a value. */
const beside = (value: Uint8Array) => (): Uint8Array => archive(pickle(dict({ w: tensor(), x: value })));
/** An archive whose only weight is described so. */
const weight = (made: Parameters<typeof tensor>[0]) => () => archive(pickle(dict({ w: tensor(made) })));

/** Tensors and storages that do not fit each other. */
export const TENSOR_ATTACKS: readonly AttackRow[] = [
  [
    'more elements than bytes',
    weight({ elements: 7 }),
    'tensor-size-mismatch',
    'storage of 28 bytes, of which 24 are there',
  ],
  ['2^62 elements', weight({ elements: 2n ** 62n }), 'pickle-damaged', 'the number of elements'],
  ['2^52 elements', weight({ elements: 2 ** 52 }), 'tensor-size-mismatch', 'of which 24 are there'],
  ['a negative number of elements', weight({ elements: -1 }), 'pickle-damaged', 'no count'],
  [
    'a shape larger than its storage',
    weight({ shape: [3, 3] }),
    'tensor-out-of-bounds',
    'needs 9 elements of its storage, which has 6',
  ],
  ['an offset behind the storage', weight({ start: 1 }), 'tensor-out-of-bounds', 'needs 7 elements'],
  [
    'an offset of 2^53 - 1',
    weight({ start: 2 ** 53 - 1 }),
    'tensor-out-of-bounds',
    'of its storage, which has 6',
  ],
  [
    'an offset of 2^70',
    weight({ start: 2n ** 70n }),
    'pickle-damaged',
    'the offset of a tensor is not an integer',
  ],
  ['a negative offset', weight({ start: -1 }), 'tensor-out-of-bounds', 'negative offset or stride'],
  [
    'a negative stride',
    weight({ start: 5, strides: [-3, -1] }),
    'tensor-out-of-bounds',
    'negative offset or stride',
  ],
  ['strides out of the storage', weight({ strides: [300, 1] }), 'tensor-out-of-bounds', 'needs 303 elements'],
  [
    'strides of 2^53',
    weight({ strides: [2 ** 53 - 1, 2 ** 53 - 1] }),
    'tensor-out-of-bounds',
    'of its storage, which has 6',
  ],
  ['a negative size', weight({ shape: [-2, -3] }), 'pickle-damaged', 'a size is negative'],
  [
    'more than 2^53 elements',
    weight({ shape: [2 ** 40, 2 ** 40], strides: [0, 0] }),
    'tensor-size-mismatch',
    '2^53',
  ],
  [
    'an overflow hidden behind a zero',
    weight({ shape: [0, 2 ** 40, 2 ** 40], strides: [0, 0, 0] }),
    'tensor-size-mismatch',
    '2^53',
  ],
  ['two sizes and one stride', weight({ strides: [1] }), 'pickle-damaged', '2 dimensions has 1 strides'],
  [
    '65 dimensions',
    weight({ shape: Array<number>(65).fill(1), strides: Array<number>(65).fill(1) }),
    'pickle-damaged',
    '65 dimensions',
  ],
  ['a storage that is not there', weight({ key: '1' }), 'archive-damaged', 'has no storage "1"'],
  [
    'a storage outside the archive',
    weight({ key: '../../../../etc/passwd' }),
    'archive-damaged',
    'has no storage',
  ],
  [
    'the pickle as a storage',
    weight({ key: '../data.pkl' }),
    'archive-damaged',
    'has no storage "../data.pkl"',
  ],
  [
    'a storage named __proto__',
    weight({ key: '__proto__' }),
    'archive-damaged',
    'has no storage "__proto__"',
  ],
  [
    'a storage of a foreign class',
    weight({ type: 'PickleStorage' }),
    'pickle-refused',
    'would use torch.PickleStorage',
  ],
  [
    'a storage without a class',
    beside(ops(tuple(text('storage'), text('x'), text('0'), 'N', int(1)), 'Q')),
    'pickle-damaged',
    'no element type',
  ],
  [
    'a storage with a number as key',
    beside(ops(tuple(text('storage'), global('torch', 'FloatStorage'), 'NN', int(1)), 'Q')),
    'pickle-damaged',
    'no key',
  ],
  ['a persistent id that is no tuple', beside(ops(text('storage'), 'Q')), 'pickle-damaged', 'no tuple'],
  [
    'a tensor without arguments',
    beside(call('torch._utils', '_rebuild_tensor_v2')),
    'pickle-damaged',
    'has no storage',
  ],
  [
    'a size that is text',
    beside(call('torch._utils', '_rebuild_tensor', storage(), int(0), tuple(text('2')), integers([1]))),
    'pickle-damaged',
    'the shape of a tensor is not an integer',
  ],
  [
    'a typed tensor without its type',
    beside(
      call(
        'torch._utils',
        '_rebuild_tensor_v3',
        storage(),
        int(0),
        integers([1]),
        integers([1]),
        'N',
        'N',
        'N',
      ),
    ),
    'pickle-damaged',
    'no element type',
  ],
  [
    'a parameter of a text',
    beside(call('torch._utils', '_rebuild_parameter', text('x'))),
    'pickle-damaged',
    'holds no tensor',
  ],
];

const legacy = (change: Parameters<typeof legacyFile>[1]) => () => legacyFile(dict({ w: tensor() }), change);

/** Files in the format before 1.6 that contradict themselves. */
export const LEGACY_ATTACKS: readonly AttackRow[] = [
  [
    'another magic number',
    legacy({ magic: pickle(int(2n ** 70n)) }),
    'unsupported-format',
    'not one of torch.save',
  ],
  [
    'a pickle of something else',
    () => pickle(dict({ a: int(1) })),
    'unsupported-format',
    'not one of torch.save',
  ],
  ['another protocol', legacy({ protocol: pickle(int(1000)) }), 'pickle-damaged', 'no protocol 1001'],
  [
    'another machine',
    legacy({ system: pickle(dict({ little_endian: ops(0x89) })) }),
    'unsupported-format',
    'big-endian',
  ],
  ['no machine', legacy({ system: pickle('N') }), 'pickle-damaged', 'on what machine'],
  ['no list of storages', legacy({ keys: pickle('N') }), 'pickle-damaged', 'does not list its storages'],
  ['an empty list of storages', legacy({ keys: pickle(']') }), 'archive-damaged', 'has no storage "0"'],
  [
    'a storage that nothing names',
    legacy({ keys: pickle('](', text('7'), 'e') }),
    'archive-damaged',
    'does not name',
  ],
  [
    'a storage twice',
    legacy({ keys: pickle('](', text('0'), text('0'), 'e') }),
    'archive-damaged',
    '"0" twice',
  ],
  [
    'a count that lies',
    legacy({ data: Buffer.concat([count(7), SIX]) }),
    'archive-damaged',
    '7 elements by its count and 6',
  ],
  ['a negative count', legacy({ data: Buffer.concat([count(-1), SIX]) }), 'archive-damaged', '-1 elements'],
  [
    'a count of 2^62',
    legacy({ data: Buffer.concat([count(2n ** 62n), SIX]) }),
    'archive-damaged',
    '4611686018427387904 elements',
  ],
  [
    'a storage that ends early',
    legacy({ data: Buffer.concat([count(6), SIX.subarray(5)]) }),
    'archive-damaged',
    '5 bytes missing',
  ],
  ['no storages', legacy({ data: Buffer.alloc(0) }), 'archive-damaged', 'ends before storage "0"'],
  [
    'a part of a storage that is too long',
    () => legacyFile(dict({ w: tensor({ view: tuple(text('1'), int(4), int(3)) }) })),
    'pickle-damaged',
    'ends at element 7 of 6',
  ],
  [
    'a part of a storage without its place',
    () => legacyFile(dict({ w: tensor({ view: tuple(text('1')) }) })),
    'pickle-damaged',
    'does not say which',
  ],
  [
    'a tensor larger than its part of a storage',
    () => legacyFile(dict({ w: tensor({ view: tuple(text('1'), int(2), int(4)) }) })),
    'tensor-out-of-bounds',
    'needs 6 elements of its storage, which has 4',
  ],
];
