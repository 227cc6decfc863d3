import { inflateRawSync } from 'node:zlib';
import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { OpenFile } from '../readBytes.ts';
import { locateZipEntry } from './locateZipEntry.ts';
import { PickleBytes } from './PickleBytes.ts';
import type { PickleSource } from './PickleBytes.ts';
import { PickleMachine } from './PickleMachine.ts';
import type { PickleValue, StorageRef } from './pickleValues.ts';
import type { ZipEntry } from './readZipDirectory.ts';
import { readZipDirectory } from './readZipDirectory.ts';

/** A file of torch.save, read: what it pickled, and where the bytes of a storage lie. */
export interface SavedObject {
  readonly value: PickleValue;
  /** Position and length of a storage. Fails with archive-damaged where there is none. */
  readonly locate: (storage: StorageRef) => { begin: number; bytes: number };
}

type Entries = ReadonlyMap<string, ZipEntry>;

const DEFLATED = 8;
const LARGEST_PICKLE = 256 * 2 ** 20;
/** A pickle that was packed by another program is unpacked in memory. */
const LARGEST_UNPACKED = 64 * 2 ** 20;
const PICKLE = '/data.pkl';

/** Name of the folder in the archive that holds everything, e.g. "archive". */
function findFolder({ path }: OpenFile, entries: Entries): string {
  const folders = [...entries.keys()]
    .filter((name) => name.endsWith(PICKLE) && name.indexOf('/') === name.length - PICKLE.length)
    .map((name) => name.slice(0, -PICKLE.length));
  const [folder] = folders;
  if (folder === undefined) {
    const what = 'is a zip archive, but not one of torch.save: it has no data.pkl';
    throw fileError('unsupported-format', path, what);
  }
  if (folders.length > 1)
    throw fileError('archive-damaged', path, `holds ${String(folders.length)} pickles of the name data.pkl`);
  if (entries.has(`${folder}/constants.pkl`)) {
    const what = 'is a TorchScript program, which keeps its weights inside code';
    throw fileError('unsupported-format', path, what);
  }
  return folder;
}

function checkReadable({ path }: OpenFile, entry: ZipEntry): void {
  const name = `entry ${quoteName(entry.name)}`;
  if (entry.isEncrypted) throw fileError('unsupported-format', path, `${name} is encrypted`);
  if (entry.method === 0) return;
  const what = `${name} is compressed (method ${String(entry.method)}); weights are read where they are stored plainly`;
  throw fileError('unsupported-format', path, what);
}

function checkByteOrder(file: OpenFile, entry: ZipEntry | undefined): void {
  if (!entry) return;
  checkReadable(file, entry);
  const order = file.read(locateZipEntry(file, entry), Math.min(entry.packed, 16)).toString('latin1');
  if (order === 'little') return;
  const what =
    order === 'big'
      ? 'was saved on a big-endian machine; only little-endian weights are read'
      : `names the byte order ${quoteName(order)}`;
  throw fileError(order === 'big' ? 'unsupported-format' : 'archive-damaged', file.path, what);
}

/** The bytes of a packed pickle, unpacked. */
function inflate(file: OpenFile, entry: ZipEntry): Buffer {
  const fail = (what: string): Error =>
    fileError('archive-damaged', file.path, `entry ${quoteName(entry.name)} ${what}`);
  const largest = Math.max(entry.packed, entry.unpacked);
  if (largest > LARGEST_UNPACKED)
    throw fail(`has ${String(largest)} bytes, at most ${String(LARGEST_UNPACKED)} are unpacked`);
  const packed = file.read(locateZipEntry(file, entry), entry.packed);
  let unpacked: Buffer;
  try {
    unpacked = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.unpacked) });
  } catch {
    throw fail(`does not unpack to its ${String(entry.unpacked)} bytes`);
  }
  if (unpacked.length === entry.unpacked) return unpacked;
  throw fail(`unpacks to ${String(unpacked.length)} bytes instead of ${String(entry.unpacked)}`);
}

function pickleSource(file: OpenFile, entry: ZipEntry): PickleSource {
  if (entry.method === DEFLATED && !entry.isEncrypted) {
    const bytes = inflate(file, entry);
    const read = (position: number, count: number): Buffer => bytes.subarray(position, position + count);
    return { read, start: 0, end: bytes.length };
  }
  checkReadable(file, entry);
  if (entry.unpacked > LARGEST_PICKLE) {
    const what = `its pickle has ${String(entry.unpacked)} bytes, at most ${String(LARGEST_PICKLE)} are read`;
    throw fileError('pickle-refused', file.path, what);
  }
  const start = locateZipEntry(file, entry);
  return { read: file.read, start, end: start + entry.packed };
}

/**
 * Reads an archive of torch.save since 1.6: a zip file with a pickle and one stored entry per storage.
 * Fails with archive-damaged, unsupported-format, or a PickleFault.
 */
export function readArchive(file: OpenFile): SavedObject {
  const entries = readZipDirectory(file);
  const folder = findFolder(file, entries);
  checkByteOrder(file, entries.get(`${folder}/byteorder`));
  const pickle = entries.get(folder + PICKLE);
  if (!pickle) throw fileError('archive-damaged', file.path, 'has no data.pkl');
  const value = new PickleMachine(new PickleBytes(pickleSource(file, pickle))).run();
  return {
    value,
    locate: ({ key }) => {
      const entry = entries.get(`${folder}/data/${key}`);
      if (!entry)
        throw fileError(
          'archive-damaged',
          file.path,
          `has no storage ${quoteName(key)}, which its pickle names`,
        );
      checkReadable(file, entry);
      return { begin: locateZipEntry(file, entry), bytes: entry.packed };
    },
  };
}
