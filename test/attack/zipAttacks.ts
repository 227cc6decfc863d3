import { deflateRawSync } from 'node:zlib';
import type { ZipEnd, ZipPart } from '../fixtures/pytorchFiles.ts';
import { archive, archiveParts, dict, pickle, SIX, tensor, zipBytes } from '../fixtures/pytorchFiles.ts';
import type { AttackRow } from './pytorchAttacks.ts';

const SOUND = pickle(dict({ w: tensor() }));
const le64 = (value: bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
};

/** A sound archive with one part changed. */
const part = (index: number, change: Partial<ZipPart>) => () =>
  zipBytes(archiveParts(SOUND).map((each, i) => (i === index ? { ...each, ...change } : each)));
const end = (change: ZipEnd) => () => archive(SOUND, change);
const more =
  (...parts: readonly ZipPart[]) =>
  () =>
    zipBytes([...archiveParts(SOUND), ...parts]);
const zeros = deflateRawSync(Buffer.alloc(50_000_000));
const packedSound = deflateRawSync(SOUND);

/** Archives that contradict themselves. */
export const ZIP_ATTACKS: readonly AttackRow[] = [
  ['an entry twice', more({ name: 'model/data/0', data: SIX }), 'archive-damaged', '"model/data/0" twice'],
  ['two pickles', more({ name: 'other/data.pkl', data: SOUND }), 'archive-damaged', '2 pickles'],
  [
    'a byte order of the other kind',
    part(1, { data: Buffer.from('big') }),
    'unsupported-format',
    'big-endian',
  ],
  ['a byte order that is none', part(1, { data: Buffer.from('middle') }), 'archive-damaged', '"middle"'],
  [
    'a TorchScript program',
    more({ name: 'model/constants.pkl', data: SOUND }),
    'unsupported-format',
    'TorchScript',
  ],
  [
    'a zip of something else',
    () => zipBytes([{ name: 'a.txt', data: SIX }]),
    'unsupported-format',
    'no data.pkl',
  ],
  ['an encrypted storage', part(2, { flags: 1 }), 'unsupported-format', 'is encrypted'],
  ['an encrypted pickle', part(0, { flags: 1 }), 'unsupported-format', 'is encrypted'],
  [
    'a compressed storage',
    part(2, { data: deflateRawSync(SIX), method: 8, unpacked: 24 }),
    'unsupported-format',
    'compressed (method 8)',
  ],
  ['a pickle in an unknown method', part(0, { method: 99 }), 'unsupported-format', 'compressed (method 99)'],
  [
    'a zip bomb that says its size',
    part(0, { data: zeros, method: 8, unpacked: 2 ** 31 }),
    'archive-damaged',
    'at most 67108864 are unpacked',
  ],
  [
    'a zip bomb that lies',
    part(0, { data: zeros, method: 8, unpacked: 1000 }),
    'archive-damaged',
    'does not unpack to its 1000 bytes',
  ],
  [
    'a packed pickle that is shorter',
    part(0, { data: packedSound, method: 8, unpacked: SOUND.length + 1 }),
    'archive-damaged',
    'instead of',
  ],
  [
    'a packed pickle that is damaged',
    part(0, { data: Buffer.alloc(9, 0xff), method: 8, unpacked: 99 }),
    'archive-damaged',
    'does not unpack',
  ],
  [
    'a stored entry of two sizes',
    part(2, { directory: { unpacked: 100 } }),
    'archive-damaged',
    'stored in 24 bytes, but has 100',
  ],
  [
    'an entry longer than the archive',
    part(2, { directory: { packed: 10_000 } }),
    'archive-damaged',
    'reaches into entry "model/version"',
  ],
  [
    'a last entry that reaches into the directory',
    part(3, { directory: { packed: 10 } }),
    'archive-damaged',
    'into the directory',
  ],
  [
    'an entry behind the end',
    part(3, { directory: { header: 2 ** 31 } }),
    'archive-damaged',
    'reaches into the directory',
  ],
  [
    'two entries at one place',
    part(3, { directory: { header: 0 } }),
    'archive-damaged',
    'reaches into entry',
  ],
  [
    'an entry inside another',
    part(2, { directory: { header: 40 } }),
    'archive-damaged',
    'reaches into entry',
  ],
  ['a header that is none', part(2, { local: { signature: 0 } }), 'archive-damaged', 'has no header at byte'],
  [
    'a header of another name',
    part(2, { local: { name: 'model/data/1' } }),
    'archive-damaged',
    'another name',
  ],
  [
    'a header of another size',
    part(2, { local: { packed: 12 } }),
    'archive-damaged',
    '12 bytes by its header and 24',
  ],
  ['a header of another method', part(2, { local: { method: 8 } }), 'archive-damaged', 'packed differently'],
  [
    'a header with a long extra field',
    part(2, { local: { extra: 5000 } }),
    'archive-damaged',
    'where the next part begins',
  ],
  ['a directory of too few entries', end({ entries: 3 }), 'archive-damaged', 'bytes too many'],
  ['a directory of too many entries', end({ entries: 5 }), 'archive-damaged', 'directory is damaged at byte'],
  ['a directory that starts elsewhere', end({ start: 3 }), 'archive-damaged', 'but ends at byte'],
  ['a directory of 4 GiB', end({ bytes: 0xffffffff }), 'archive-damaged', 'but ends at byte'],
  ['one of several disks', end({ disk: 1 }), 'archive-damaged', 'split archive'],
  [
    'a zip64 record that is not there',
    end({ large: { signature: 0 } }),
    'archive-damaged',
    'no zip64 record',
  ],
  [
    'a zip64 record behind the end',
    end({ large: { position: 2 ** 40 } }),
    'archive-damaged',
    'behind its own end',
  ],
  [
    'a zip64 record of 2^50 entries',
    end({ large: { entries: 2 ** 50 } }),
    'archive-damaged',
    'at most 262144',
  ],
  [
    'a zip64 record of another directory',
    end({ large: { start: 2 ** 50 } }),
    'archive-damaged',
    'but ends at byte',
  ],
  ['two records that disagree', end({ large: {}, entries: 3 }), 'archive-damaged', 'disagree'],
  [
    'a zip64 field that is missing',
    part(2, { directory: { packed: 0xffffffff } }),
    'archive-damaged',
    'zip64 field is missing',
  ],
  [
    'a zip64 field that is too short',
    part(2, { directory: { packed: 0xffffffff }, extra: Buffer.from('010004000000000000', 'hex') }),
    'archive-damaged',
    'zip64 field is too short',
  ],
  [
    'a zip64 size of 2^60',
    part(2, {
      directory: { packed: 0xffffffff, unpacked: 0xffffffff },
      extra: Buffer.concat([Buffer.of(1, 0, 16, 0), le64(2n ** 60n), le64(2n ** 60n)]),
    }),
    'archive-damaged',
    'reaches into',
  ],
  [
    'bytes behind the archive',
    () => Buffer.concat([archive(SOUND), Buffer.alloc(30)]),
    'archive-damaged',
    'without its directory',
  ],
];
