import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { OpenFile } from '../readBytes.ts';
import { PickleBytes } from './PickleBytes.ts';
import { damaged, PickleFault } from './PickleFault.ts';
import { PickleMachine } from './PickleMachine.ts';
import { PickleDict, PickleList } from './pickleValues.ts';
import type { PickleValue, StorageRef } from './pickleValues.ts';
import type { SavedObject } from './readArchive.ts';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const COUNT_BYTES = 8;

/** Reads the pickles of a file one after the other. */
class PickleSequence {
  readonly #file: OpenFile;
  #at = 0;

  constructor(file: OpenFile) {
    this.#file = file;
  }

  /** Position of the first byte that was not read yet. */
  get position(): number {
    return this.#at;
  }

  next(): { value: PickleValue; storages: ReadonlyMap<string, StorageRef> } {
    const bytes = new PickleBytes({ read: this.#file.read, start: this.#at, end: this.#file.size });
    const machine = new PickleMachine(bytes);
    const value = machine.run();
    this.#at += bytes.position;
    return { value, storages: machine.storages };
  }
}

function checkMagic(file: OpenFile, value: PickleValue): void {
  if (value === MAGIC) return;
  throw fileError('unsupported-format', file.path, 'is a pickle, but not one of torch.save');
}

function checkSystem(file: OpenFile, protocol: PickleValue, system: PickleValue): void {
  if (protocol !== PROTOCOL)
    throw damaged(`the file has no protocol ${String(PROTOCOL)} behind its magic number`);
  if (!(system instanceof PickleDict)) throw damaged('the file does not say on what machine it was saved');
  if (system.entries.get('little_endian') === true) return;
  const what = 'was saved on a big-endian machine; only little-endian weights are read';
  throw fileError('unsupported-format', file.path, what);
}

/** Position and length of every storage, in the order of the list of keys behind the pickle. */
function placeStorages(
  file: OpenFile,
  start: number,
  keys: readonly PickleValue[],
  storages: ReadonlyMap<string, StorageRef>,
): Map<string, { begin: number; bytes: number }> {
  const fail = (what: string): Error => fileError('archive-damaged', file.path, what);
  const placed = new Map<string, { begin: number; bytes: number }>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw fail('lists a storage that its pickle does not name');
    const name = `storage ${quoteName(storage.key)}`;
    if (placed.has(storage.key)) throw fail(`holds ${name} twice`);
    const counted = file.read(at, COUNT_BYTES);
    if (counted.length < COUNT_BYTES) throw fail(`ends before ${name} (incomplete download)`);
    const count = counted.readBigInt64LE(0);
    if (count !== BigInt(storage.elements))
      throw fail(
        `${name} has ${String(count)} elements by its count and ${String(storage.elements)} by the pickle`,
      );
    const begin = at + COUNT_BYTES;
    const bytes = storage.elements * storage.dtype.bytes;
    at = begin + bytes;
    if (at > file.size) {
      const missing = `(${String(at - file.size)} bytes missing: incomplete download)`;
      throw fail(
        `${name} ends at byte ${String(at)} of the file, which has ${String(file.size)} bytes ${missing}`,
      );
    }
    placed.set(storage.key, { begin, bytes });
  }
  return placed;
}

/**
 * Reads a file of torch.save before 1.6: pickles of a magic number, a protocol, the machine, the object and the keys of
 * its storages, then each storage as a count of elements and its bytes.
 * Fails with archive-damaged, unsupported-format, or a PickleFault.
 */
export function readLegacy(file: OpenFile): SavedObject {
  const pickles = new PickleSequence(file);
  checkMagic(file, pickles.next().value);
  checkSystem(file, pickles.next().value, pickles.next().value);
  const { value, storages } = pickles.next();
  const keys = pickles.next().value;
  if (!(keys instanceof PickleList)) throw new PickleFault('damaged', 'the file does not list its storages');
  const placed = placeStorages(file, pickles.position, keys.items, storages);
  return {
    value,
    locate: ({ key }) => {
      const place = placed.get(key);
      if (place) return place;
      const what = `has no storage ${quoteName(key)}, which its pickle names`;
      throw fileError('archive-damaged', file.path, what);
    },
  };
}
